import AWSRequests
import AgentProtocol
import CredentialVault
import ProgramSupport

/// Whose credentials an entry or a role serves, as AWS says.
package struct CallerIdentity {
    let name: String
    let accessKeyID: String
    let accountID: String
    let arn: String
    let userID: String
    /// Seconds that AWS's clock is ahead.
    let skew: Int64

    /// Asks AWS.
    package static func ask(_ name: String, _ vault: any VaultAccess, _ mfa: MFACode) throws -> CallerIdentity
    {
        guard try vault.entries().isTaken(name) else {
            throw VaultError(.noSuchEntry(name), path: vault.location.path)
        }
        return try vault.sessions(mfa).call(
            .getCallerIdentity, name, signer: .served, action: "ask for its identity"
        ) { reply, context in
            guard let account = reply.text("Account", limit: 12), let arn = reply.text("Arn"),
                let user = reply.text("UserId", limit: 256)
            else {
                throw Failure(.malformed, "the response from \(context.host.printable) contains no identity")
            }
            return CallerIdentity(
                name: name, accessKeyID: context.accessKeyID, accountID: account, arn: arn, userID: user,
                skew: context.skew ?? 0)
        }
    }

    package var json: JSONText {
        .object([
            ("name", .string(name)), ("access_key_id", .string(accessKeyID)),
            ("account_id", .string(accountID)), ("arn", .string(arn)), ("user_id", .string(userID)),
            ("clock_skew_seconds", .number(skew)),
        ])
    }

    package var rows: [[String]] {
        [
            ["name", name.printable], ["access key ID", accessKeyID.printable],
            ["account", accountID.printable], ["ARN", arn.printable], ["user ID", userID.printable],
            ["clock", Self.clock(skew)],
        ]
    }

    static func clock(_ skew: Int64) -> String {
        if abs(skew) <= 5 { return "right" }
        return "\(ShownDuration.text(abs(skew))) \(skew > 0 ? "behind" : "ahead")"
    }
}
