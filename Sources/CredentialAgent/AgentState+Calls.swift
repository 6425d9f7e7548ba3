import AWSRequests
import AWSValues
import AgentProtocol
import CredentialVault
import ProgramSupport
import SecureMemory

/// Requests to AWS that a client has signed, and whose replies it reads itself. The list is closed: nothing of
/// a host or of a body comes from the client.
extension AgentState {
    func call(
        _ request: CallRequest, _ caller: Caller, at now: Moment, into answer: inout SecretBuffer
    ) throws -> Outcome {
        let unlocked = try served(request.path, now)
        let call = SignedCall(
            call: request.call, signer: request.signer, argument: request.argument,
            skew: min(max(request.skew, -900), 900))
        do {
            if request.signer == .key || request.signer == .otherKey {
                let plan = try unlocked.plan(request.name, .ownSession, sessionName: sessionName)
                try sign(call, plan, nil, at: now, into: &answer)
                return .answered
            }
            return try advance(
                SessionRequest(
                    goal: .call(call), name: request.name, code: request.code, caller: caller, now: now),
                &answer)
        } catch { throw Failure.of(error) }
    }

    /// Answers with the signed request.
    ///
    /// - Parameter session: signs; nil stands for one of the entry's keys.
    func sign(
        _ call: SignedCall, _ plan: SessionPlan, _ session: HeldSession?, at now: Moment,
        into answer: inout SecretBuffer
    ) throws {
        guard let unlocked else { throw AgentReason.locked }
        var request = try SecretBuffer(capacity: 8 << 10, limit: AgentMessage.frameLimit)
        var signerID = session?.accessKeyID ?? plan.key.accessKeyID
        let host: String
        if call.call == .getSigninToken {
            host = try signin(call, plan, session, into: &request)
        } else {
            let operation = try Self.operation(call)
            var endpoint = try plan.endpoint(operation.service)
            // A role's own STS tells who the role is.
            if operation.service == .sts, session != nil, let step = plan.steps.last {
                endpoint = step.endpoint
            }
            host = endpoint.host
            // The client has just heard AWS's clock, or asks for the first time: what is remembered may be old.
            let time = now.unix + call.skew
            let compose = { (id: String, key: RawSpan, token: RawSpan?) in
                let signer = RequestSigner(accessKeyID: id, secretAccessKey: key, sessionToken: token)
                do {
                    try operation.appendFrame(
                        to: &request, endpoint: endpoint, signer: signer,
                        caBundle: plan.steps.last?.caBundle ?? plan.key.caBundle ?? "", time: time,
                        milliseconds: Self.callMilliseconds)
                } catch let error as RequestError { throw Failure(error) }
            }
            if let session {
                try session.withSecrets { try compose(session.accessKeyID, $0, $1) }
            } else {
                try unlocked.vault.withRecord(plan.keyReference) { record in
                    guard case .key(let entry, let secrets, _, _) = record else {
                        throw AgentReason.keyGone
                    }
                    guard call.signer == .otherKey else {
                        return try compose(entry.accessKeyID, secrets.key, secrets.token)
                    }
                    guard let id = entry.rotation?.otherAccessKeyID, let secret = secrets.other else {
                        throw AgentReason.noSecondKey(name: entry.name)
                    }
                    signerID = id
                    try compose(id, secret, nil)
                }
            }
        }
        try SignedAnswer(
            request: request.bytes, accessKeyID: signerID, arn: session?.arn ?? "", host: host
        ).write(to: &answer)
    }

    private static let callMilliseconds = UInt32(Timeouts.call)

    private static func operation(_ call: SignedCall) throws -> AWSOperation {
        guard let operation = AWSOperation(call.call, call.argument) else {
            throw call.call == .getSigninToken ? AgentReason.unknownCall : .invalidKeyID
        }
        return operation
    }

    /// The request for a token that opens the web console: it proves itself by the session in it.
    ///
    /// - Returns: the host.
    private func signin(
        _ call: SignedCall, _ plan: SessionPlan, _ session: HeldSession?, into request: inout SecretBuffer
    ) throws -> String {
        guard let session else {
            throw AgentReason.consoleNeedsSession
        }
        let step = plan.steps.last
        let url = ConsoleSignin.url(sts: step?.endpoint)
        let seconds = UInt32(call.argument)
        // AWS takes a time only for the session of a role that a key has assumed.
        guard seconds == nil || plan.steps.count == 1 && step?.isRole ?? false else {
            throw AgentReason.consoleTakesNoDuration(key: plan.steps.count == 1 ? plan.key.name : nil)
        }
        do {
            try session.withSecrets { key, token in
                try ConsoleSignin.appendFrame(
                    to: &request, url: url, accessKeyID: session.accessKeyID, key: key, token: token,
                    seconds: seconds, caBundle: step?.caBundle ?? "", milliseconds: Self.callMilliseconds)
            }
        } catch let error as RequestError { throw Failure(error) }
        return url
    }
}

extension SessionPlan.Step {
    fileprivate var isRole: Bool {
        if case .assumeRole = operation { return true }
        return false
    }
}
