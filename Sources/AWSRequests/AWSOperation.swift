import AWSValues
package import AgentProtocol
package import SecureMemory

/// What is asked of AWS. Nothing in it is secret: the code of an MFA device is given beside it.
package enum AWSOperation: Sendable, Equatable {
    /// Who am I. Source: STS, as the three below.
    case getCallerIdentity
    /// A session of the key's own user, for `seconds` (900 to 129600); `serial` is that of an MFA device.
    case getSessionToken(seconds: UInt32, serial: String?)
    case assumeRole(RoleRequest)
    /// A session for a web console: `name` has 2 to 32 characters.
    case getFederationToken(name: String, seconds: UInt32, policy: String?, policyARNs: [String])
    /// Access keys of the signing key's user. Source: IAM, as the four below.
    case listAccessKeys(marker: String?)
    case createAccessKey
    case updateAccessKey(id: String, isActive: Bool)
    case deleteAccessKey(id: String)
    case getAccessKeyLastUsed(id: String)

    /// What AssumeRole takes.
    ///
    /// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>.
    package struct RoleRequest: Sendable, Equatable {
        package var roleARN: String
        package var sessionName: String
        /// 900 to 43200; at most 3600 when a role assumes a role.
        package var seconds: UInt32
        package var externalID: String?
        package var policy: String?
        package var policyARNs: [String] = []
        package var tags: [Tag] = []
        package var transitiveTagKeys: [String] = []
        package var sourceIdentity: String?
        /// The MFA device whose code is given beside the operation.
        package var serial: String?

        package init(roleARN: String, sessionName: String, seconds: UInt32) {
            self.roleARN = roleARN
            self.sessionName = sessionName
            self.seconds = seconds
        }
    }

    package struct Tag: Sendable, Equatable {
        package var key: String
        package var value: String

        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// What a client may have signed; nil for an argument that the call does not take, and for a call that is no request
    /// to STS or IAM.
    package init?(_ call: AgentMessage.Call, _ argument: String) {
        let keyID = AccessKeyID.isValid(argument) ? argument : nil
        switch (call, keyID) {
        case (.getCallerIdentity, _): self = .getCallerIdentity
        case (.listAccessKeys, _): self = .listAccessKeys(marker: argument.isEmpty ? nil : argument)
        case (.createAccessKey, _): self = .createAccessKey
        case (.activateAccessKey, let id?): self = .updateAccessKey(id: id, isActive: true)
        case (.deactivateAccessKey, let id?): self = .updateAccessKey(id: id, isActive: false)
        case (.deleteAccessKey, let id?): self = .deleteAccessKey(id: id)
        case (.getAccessKeyLastUsed, let id?): self = .getAccessKeyLastUsed(id: id)
        case (.activateAccessKey, nil), (.deactivateAccessKey, nil), (.deleteAccessKey, nil),
            (.getAccessKeyLastUsed, nil), (.getSigninToken, _):
            return nil
        }
    }

    package var service: AWSService {
        switch self {
        case .getCallerIdentity, .getSessionToken, .assumeRole, .getFederationToken: .sts
        case .listAccessKeys, .createAccessKey, .updateAccessKey, .deleteAccessKey, .getAccessKeyLastUsed:
            .iam
        }
    }

    /// Whether it may be sent again when it is not known what became of it.
    package var mayRepeat: Bool {
        if case .createAccessKey = self { return false }
        // AWS takes the code of an MFA device once.
        return !needsCode
    }

    /// The action's name, and its parameters in the order in which they are sent.
    package var parameters: (action: String, fields: [(name: String, value: String)]) {
        switch self {
        case .getCallerIdentity: ("GetCallerIdentity", [])
        case .getSessionToken(let seconds, let serial):
            ("GetSessionToken", [("DurationSeconds", "\(seconds)")] + Self.field("SerialNumber", serial))
        case .assumeRole(let role): ("AssumeRole", role.fields)
        case .getFederationToken(let name, let seconds, let policy, let arns):
            (
                "GetFederationToken",
                [("Name", name), ("DurationSeconds", "\(seconds)")] + Self.policies(policy, arns)
            )
        case .listAccessKeys(let marker): ("ListAccessKeys", Self.field("Marker", marker))
        case .createAccessKey: ("CreateAccessKey", [])
        case .updateAccessKey(let id, let isActive):
            ("UpdateAccessKey", [("AccessKeyId", id), ("Status", isActive ? "Active" : "Inactive")])
        case .deleteAccessKey(let id): ("DeleteAccessKey", [("AccessKeyId", id)])
        case .getAccessKeyLastUsed(let id): ("GetAccessKeyLastUsed", [("AccessKeyId", id)])
        }
    }

    /// Whether ``append(to:code:)`` is to be given the code of an MFA device.
    private var needsCode: Bool {
        switch self {
        case .getSessionToken(_, let serial): serial != nil
        case .assumeRole(let role): role.serial != nil
        default: false
        }
    }

    /// Appends the body of the request.
    ///
    /// - Parameter code: the code of the MFA device.
    package func append(to body: inout SecretBuffer, code: RawSpan? = nil) throws(RequestError) {
        let (action, fields) = parameters
        try body.appendText("Action=\(action)&Version=\(service.version)")
        for (name, value) in fields { try body.appendText("&\(name)=\(PercentEncoding.encode(value))") }
        guard needsCode else { return }
        guard let code else { throw .noSecret }
        try body.appendText("&TokenCode=")
        // It has digits: nothing needs to be encoded.
        guard !code.isEmpty, code.allSatisfy(PercentEncoding.isUnreserved) else { throw .noSecret }
        try body.appendSecret(code)
    }

    static func field(_ name: String, _ value: String?) -> [(name: String, value: String)] {
        value.map { [(name, $0)] } ?? []
    }

    static func policies(_ policy: String?, _ arns: [String]) -> [(name: String, value: String)] {
        field("Policy", policy) + arns.enumerated().map { ("PolicyArns.member.\($0 + 1).arn", $1) }
    }
}

extension AWSOperation.RoleRequest {
    fileprivate var fields: [(name: String, value: String)] {
        var fields = [
            (name: "RoleArn", value: roleARN), ("RoleSessionName", sessionName),
            ("DurationSeconds", "\(seconds)"),
        ]
        fields += AWSOperation.field("ExternalId", externalID) + AWSOperation.policies(policy, policyARNs)
        for (number, tag) in tags.enumerated() {
            fields += [
                ("Tags.member.\(number + 1).Key", tag.key), ("Tags.member.\(number + 1).Value", tag.value),
            ]
        }
        for (number, key) in transitiveTagKeys.enumerated() {
            fields.append(("TransitiveTagKeys.member.\(number + 1)", key))
        }
        fields += AWSOperation.field("SourceIdentity", sourceIdentity)
        return fields + AWSOperation.field("SerialNumber", serial)
    }
}
