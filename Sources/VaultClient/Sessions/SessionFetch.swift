import AWSValues
import CredentialVault
import ProgramSupport
import SecureMemory

/// Gets a session before an AWS client waits for it.
package enum SessionFetch {
    /// - Returns: when the session ends, in Unix seconds; nil where the credentials do not say.
    package static func run(_ name: String, _ vault: any VaultAccess, _ mfa: MFACode) throws -> Int64? {
        try requireSession(name, in: vault.entries())
        let line = try vault.sessions(mfa).credentials(name)
        return expiration(in: line.bytes)
    }

    static func requireSession(_ name: String, in entries: EntryList) throws {
        guard let entry = entries[name], entry.serve == .key else { return }
        throw Failure(
            .usage, "'\(name)' serves the key itself, which needs no session",
            hint: "serve a session with 'sealring set \(name) --serve session'")
    }

    /// The time in the line, which is no secret.
    static func expiration(in line: RawSpan) -> Int64? {
        let mark: StaticString = "\"Expiration\":\""
        for start in 0..<line.byteCount where line.extracting(droppingFirst: start).hasPrefix(mark.rawSpan) {
            let rest = line.extracting(droppingFirst: start + mark.utf8CodeUnitCount)
            return rest.extracting(first: min(20, rest.byteCount)).text().flatMap { Timestamp.seconds($0) }
        }
        return nil
    }
}
