package import AWSRequests
import AgentProtocol

/// What is known of a request besides its reply, to say what went wrong in words that help.
package struct RequestContext: Sendable {
    /// What was to be done, for example `assume arn:aws:iam::123456789012:role/Admin`.
    package var action: String
    /// The entry or role that the person named.
    package var name: String
    /// Whose credentials signed: an ARN, or an access key id.
    package var identity: String
    /// The host that was asked.
    package var host: String
    /// Seconds that AWS's clock is ahead of ours, when it told.
    package var skew: Int64?
    /// Whether a role was assumed with the credentials of a role.
    package var isChained = false
    /// Whether the request went to IAM.
    package var isOfIAM = false
    /// Whether a session signed it, and not a key.
    package var isSession = false

    package init(action: String, name: String, identity: String, host: String) {
        self.action = action
        self.name = name
        self.identity = identity
        self.host = host
    }
}

extension Failure {
    /// Why a request brought nothing.
    package init(_ reply: AWSReply, _ context: RequestContext) {
        if let refusal = reply.refusal {
            self.init(refusal, context)
        } else {
            self.init(
                outcome: reply.outcome, detail: reply.detail, status: reply.status,
                context)
        }
    }

    private init(
        outcome: ExchangeMessage.Outcome, detail: String, status: UInt32, _ context: RequestContext
    ) {
        let host = String(context.host.prefix(200)).printable
        let name = context.name.printable
        let more = detail.isEmpty ? "" : ": \(String(detail.prefix(200)).printable)"
        switch outcome {
        case .hostNotFound:
            self.init(
                .unavailable, "\(host) was not found\(more)",
                hint: "check the network, and the region of the entry")
        case .cannotConnect:
            self.init(
                .unavailable, "\(host) cannot be reached\(more)",
                hint: "check the network and, if you use a proxy, HTTPS_PROXY")
        case .tls:
            self.init(
                .unavailable, "could not verify the certificate of \(host)\(more)",
                hint:
                    "behind a proxy that intercepts TLS, trust its certificate with 'sealring set \(name) --ca-bundle PATH'"
            )
        case .timeout: self.init(.unavailable, "\(host) did not answer in time", hint: "try again")
        case .tooLarge: self.init(.malformed, "the response from \(host) is too large")
        case .malformed, .answered:
            self.init(
                .malformed, "the response from \(host) is not one of AWS's\(more)",
                hint: "check the entry's endpoint and any proxy")
        case .redirect:
            self.init(
                .malformed, "\(host) answered with a redirect, which is not followed\(more)",
                hint: "check the endpoint")
        case .caBundle:
            self.init(
                .missing, "the entry's CA bundle cannot be used\(more)",
                hint: "set another one with 'sealring set \(name) --ca-bundle PATH'")
        case .caBundleUntrusted:
            self.init(
                .notPermitted, "other users can change the entry's CA bundle\(more)",
                hint:
                    "close the file with 'chmod go-w PATH', or set another one with 'sealring set \(name) --ca-bundle PATH'"
            )
        case .proxyInvalid, .proxyNotFound, .proxyUnreachable, .proxyRefused, .proxyTLS, .proxyTimeout,
            .proxyBroken, .proxyRefusedLogin:
            self = .ofProxy(outcome, String(detail.prefix(300)).printable, status, host: host)
        case .badRequest, .other:
            self.init(.unavailable, "the request to \(host) could not be made\(more)")
        }
    }

    private init(_ refusal: AWSRefusal, _ context: RequestContext) {
        let said = refusal.message.isEmpty ? refusal.code : "\(refusal.code): \(refusal.message)"
        let request = refusal.requestID.map { " (request \(String($0.prefix(64)).printable))" } ?? ""
        let text = String(said.prefix(300)).printable
        let whole = { (what: String) in "\(what): \(text)\(request)" }
        let identity = context.identity.printable
        let name = context.name.printable
        switch refusal.code {
        case "InvalidClientTokenId", "UnrecognizedClientException":
            if context.isOfIAM, context.isSession {
                self.init(
                    .notPermitted,
                    whole(
                        "IAM does not accept the session \(identity): it was made without MFA, or its key no longer exists"
                    ),
                    hint:
                        "name the MFA device with 'sealring mfa set \(name) --mfa-serial ARN', or see 'sealring verify \(name)'"
                )
            } else {
                self.init(
                    .notPermitted, whole("AWS does not know the key \(identity)"),
                    hint:
                        "it was deleted or deactivated, or belongs to another partition: see 'sealring show \(name)'"
                )
            }
        case "RequestExpired", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "InvalidSignatureException":
            if let skew = context.skew, abs(skew) > 60 {
                self.init(
                    .notPermitted,
                    whole(
                        "the clock of this machine is \(Self.time(skew)) \(skew > 0 ? "behind" : "ahead")"),
                    hint: "set the clock, for example with 'timedatectl set-ntp true'")
            } else {
                self.init(
                    .notPermitted, whole("AWS does not accept the secret of \(identity)"),
                    hint: "the secret is wrong: import the key again")
            }
        case "ExpiredToken", "ExpiredTokenException":
            self.init(
                .notPermitted, whole("the credentials of \(identity) have expired"),
                hint: "import new ones, or forget the sessions with 'sealring clear'")
        case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation":
            self = Self.denied(refusal, context, whole)
        case "ValidationError", "ValidationException", "InvalidParameterValue":
            self = Self.invalid(refusal, context, whole)
        case "LimitExceeded", "LimitExceededException":
            self.init(
                .notPermitted, whole("the user already has two access keys, the most AWS allows"),
                hint: "run 'sealring rotate \(name)' to see which one is unused, and delete it first")
        case "NoSuchEntity":
            self.init(
                .missing, whole("AWS did not find what was requested"), hint: "see 'sealring verify \(name)'"
            )
        case "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException",
            "ServiceUnavailable", "InternalFailure":
            self.init(.unavailable, whole("AWS is busy"), hint: "try again in a minute")
        default:
            self.init(
                refusal.status >= 500 ? .unavailable : .notPermitted,
                whole("AWS refused to \(context.action.printable) with \(identity)"))
        }
    }

    /// More than 15 minutes are not believed, and so not known.
    private static func time(_ skew: Int64) -> String {
        abs(skew) >= 900 ? "15m or more" : ShownDuration.text(abs(skew))
    }

    private static func denied(
        _ refusal: AWSRefusal, _ context: RequestContext, _ whole: (String) -> String
    ) -> Failure {
        if refusal.isMFACode {
            return Failure(
                .notPermitted, whole("AWS rejected the MFA code"),
                hint:
                    "wait for the next code of the device; check its serial with 'sealring show \(context.name.printable)'"
            )
        }
        let cure =
            context.isOfIAM
            ? context.isSession
                ? "ask for the permission"
                : "ask for the permission; where it needs MFA, name the device with 'sealring mfa set \(context.name.printable) --mfa-serial ARN'"
            : "ask for the permission, or check the role's trust policy and external id"
        return Failure(
            .notPermitted, whole("\(context.identity.printable) may not \(context.action.printable)"),
            hint: cure)
    }

    private static func invalid(
        _ refusal: AWSRefusal, _ context: RequestContext, _ whole: (String) -> String
    ) -> Failure {
        guard refusal.message.contains("DurationSeconds") else {
            return Failure(.malformed, whole("AWS rejected the request to \(context.action.printable)"))
        }
        return Failure(
            .malformed,
            whole(
                context.isChained
                    ? "sessions of a role that is assumed with a role or a session last at most 1h"
                    : "the role does not allow sessions that long"),
            hint: "set a shorter one with 'sealring set \(context.name.printable) --duration 1h'")
    }

    package init(_ error: RequestError) {
        switch error {
        case .tooLong:
            self.init(.malformed, "the request to AWS would be too long", hint: "shorten policy and tags")
        case .noSecret: self.init(.malformed, "invalid MFA code: it must have 6 digits")
        case .mismatch: self.init(.malformed, "the request does not fit its endpoint")
        case .memory(let error): self.init(error)
        case .crypto: self.init(.memory, "the request could not be signed: no secret memory")
        }
    }
}
