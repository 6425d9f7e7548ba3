import AWSRequests
import AWSValues
import AgentProtocol
import ProgramSupport
import SecureMemory

/// What a client brought back from AWS, believed only as far as it can be checked.
enum SessionDelivery {
    /// Seconds beyond what was asked for that an expiration may lie.
    private static let tolerance: Int64 = 300

    /// The session in a reply.
    ///
    /// - Parameter now: Unix seconds by AWS's clock.
    /// - Throws: ``AgentReason`` when it is none, or not the one that was asked for.
    static func read(_ reply: borrowing AWSReply, of step: SessionPlan.Step, now: Int64) throws -> HeldSession
    {
        guard let id = reply.text("Credentials/AccessKeyId", limit: 128),
            let key = reply.first("Credentials/SecretAccessKey"),
            let token = reply.first("Credentials/SessionToken"),
            let expiration = reply.time("Credentials/Expiration"),
            isVisible(key, 16...512), isVisible(token, 1...(6 << 10))
        else { throw rejected("it contains no credentials") }
        guard AccessKeyID.classify(id) == .temporary else {
            throw rejected("it contains no temporary credentials")
        }
        let account = AccessKeyID.accountID(of: id)
        if let expected = step.accountID, account != expected {
            throw rejected("its credentials belong to another account")
        }
        guard expiration > now, expiration <= now + Int64(step.seconds) + tolerance else {
            throw rejected("its credentials do not expire when they should")
        }
        let arn =
            reply.text("AssumedRoleUser/Arn") ?? reply.text("FederatedUser/Arn")
            ?? ""
        if case .assumeRole(let role) = step.operation, !arn.isEmpty, !isSession(arn, of: role) {
            throw rejected("its credentials belong to another role")
        }
        return try HeldSession(
            accessKeyID: id, accountID: step.accountID ?? account, arn: arn, expiration: expiration,
            obtainedAt: now, key: key, token: token)
    }

    /// Whether an ARN as `arn:aws:sts::123456789012:assumed-role/Name/session` is that of a session of the role,
    /// whose own one may have a path before its name.
    private static func isSession(_ arn: String, of role: AWSOperation.RoleRequest) -> Bool {
        guard let name = role.roleARN.split(separator: "/").last else { return false }
        return arn.hasSuffix(":assumed-role/\(name)/\(role.sessionName)")
    }

    private static func rejected(_ what: String) -> AgentReason {
        AgentReason.rejectedResponse(what)
    }

    private static func isVisible(_ bytes: RawSpan, _ counts: ClosedRange<Int>) -> Bool {
        counts.contains(bytes.byteCount) && bytes.allSatisfy(\.isVisible)
    }
}
