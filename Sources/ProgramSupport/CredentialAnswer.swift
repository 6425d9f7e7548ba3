import AWSValues
import AgentProtocol
package import CredentialVault
import Platform
package import SecureMemory

/// What AWS clients are answered from an entry and its secrets.
package enum CredentialAnswer {
    /// Appends the line of JSON.
    package static func append(
        to buffer: inout SecretBuffer, _ entry: Entry, key: RawSpan, token: RawSpan?, now: Int64
    ) throws {
        try append(
            to: &buffer, accessKeyID: entry.accessKeyID, key: key, token: token,
            expiration: expiration(of: entry, now: now), accountID: entry.accountID, name: entry.name)
    }

    /// As the longer one, for credentials that are not an entry's own.
    package static func append(
        to buffer: inout SecretBuffer, accessKeyID: String, key: RawSpan, token: RawSpan?, expiration: Int64?,
        accountID: String?, name: String
    ) throws {
        let id = Array(accessKeyID.utf8)
        let account = accountID.map { Array($0.utf8) }
        do {
            try CredentialProcessJSON.append(
                to: &buffer, accessKeyID: id.rawSpan, secretAccessKey: key, sessionToken: token,
                expiration: expiration, accountID: account?.rawSpan)
        } catch {
            switch error {
            case .memory(let error): throw error
            case .tooLong:
                throw Failure(
                    .malformed, "the credentials of '\(name)' do not fit into the 8 KiB that clients read")
            case .notText: throw Failure(.malformed, "the credentials of '\(name)' are not text")
            }
        }
    }

    /// When the client has to ask again: the end of temporary credentials, or of the entry's exposure.
    ///
    /// - Parameter now: Unix seconds.
    package static func expiration(of entry: Entry, now: Int64) throws -> Int64? {
        let exposure = entry.exposeFor.map { now + Int64($0) }
        guard let end = entry.expiration else { return exposure }
        guard end > now else {
            throw Failure(
                .missing,
                "the temporary credentials of '\(entry.name)' expired at \(LocalTime.text(end))",
                hint: "import new ones with --replace")
        }
        return min(end, exposure ?? end)
    }
}
