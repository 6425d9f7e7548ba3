import AWSRequests
import AWSValues
import AgentProtocol
import CredentialVault
import ProgramSupport
package import SecureMemory

/// A link that opens the AWS console as an entry or a role.
package struct ConsoleLink {
    let name: String
    let service: String?
    private let seconds: UInt32?

    /// Checks what needs no vault.
    ///
    /// - Parameters:
    ///   - service: the page of the console; nil for its first one.
    ///   - duration: how long the console session lasts; nil for AWS's own limit.
    package init(name: String, service: String?, duration: String?) throws {
        self.name = name
        self.service = service
        seconds = try duration.map { try DurationText.seconds($0, in: 900...43_200) }
        guard service.map(Self.isService) ?? true else {
            throw Failure(
                .usage, "invalid service '\(String((service ?? "").prefix(100)).printable)'",
                hint: "use the name in the console's address, such as s3"
            )
        }
    }

    /// Has AWS make the link, with a line feed behind it.
    package func make(_ vault: any VaultAccess, _ mfa: MFACode) throws -> SecretBuffer {
        let entries = try vault.entries()
        guard entries.isTaken(name) else { throw VaultError(.noSuchEntry(name), path: vault.location.path) }
        let partition = Self.partition(of: name, in: entries)
        let link = try vault.sessions(mfa).call(
            .getSigninToken, name, signer: .served, argument: seconds.map { "\($0)" } ?? "",
            action: "open the console"
        ) { reply, context in
            guard let body = reply.first(""), let token = Self.token(in: body) else {
                throw Failure(
                    .malformed, "the response from \(context.host.printable) contains no sign-in token")
            }
            return SecretLink(try text(token, base: context.host, partition: partition))
        }
        return try link.take()
    }

    static func isService(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "-") }
    }

    /// Where the console of a role or a key is.
    static func partition(of name: String, in entries: EntryList) -> AWSPartition {
        if let role = entries.role(name) { return RoleARN(role.roleARN)?.partition ?? .standard }
        if case .role(let served) = entries[name]?.serve, let role = entries.role(served) {
            return RoleARN(role.roleARN)?.partition ?? .standard
        }
        guard let entry = entries[name] else { return .standard }
        return entry.region.map { AWSPartition(region: $0) }
            ?? entry.mfaSerial.flatMap { MFADevice.partition(of: $0) } ?? .standard
    }

    /// The value of `SigninToken` in an object of JSON: letters that stand for themselves in a URL.
    @_lifetime(copy body)
    static func token(in body: RawSpan) -> RawSpan? {
        let mark: StaticString = "\"SigninToken\""
        let quote = UInt8(ascii: "\"")
        for start in 0..<body.byteCount where body.extracting(droppingFirst: start).hasPrefix(mark.rawSpan) {
            var rest = body.extracting(droppingFirst: start + mark.utf8CodeUnitCount)
            while !rest.isEmpty, [0x20, 0x3A].contains(rest.byte(at: 0)) {
                rest = rest.extracting(droppingFirst: 1)
            }
            guard !rest.isEmpty, rest.byte(at: 0) == quote else { return nil }
            rest = rest.extracting(droppingFirst: 1)
            guard let end = rest.firstIndex(of: quote), end > 0 else { return nil }
            let token = rest.extracting(first: end)
            return token.allSatisfy(PercentEncoding.isUnreserved) ? token : nil
        }
        return nil
    }

    /// The line with the link.
    func text(_ token: RawSpan, base: String, partition: AWSPartition) throws -> SecretBuffer {
        let destination = "https://\(partition.consoleHost)/\(service ?? "")"
        let start =
            "\(base)?Action=login&Issuer=sealring&Destination=\(PercentEncoding.encode(destination))&SigninToken="
        let (bytes, end) = ([UInt8](start.utf8), "\n" as StaticString)
        var link = try SecretBuffer(capacity: 4 << 10, limit: 16 << 10)
        guard try link.append(bytes.rawSpan), try link.append(token), try link.append(end.rawSpan) else {
            throw Failure(.malformed, "the link is too long")
        }
        return link
    }
}

/// Hands the link on from where only copyable values may pass.
private final class SecretLink {
    private var link: SecretBuffer?

    init(_ link: consuming SecretBuffer) { self.link = consume link }

    func take() throws -> SecretBuffer {
        let held = link.take()
        switch consume held {
        case .some(let link): return link
        case .none: throw Failure(.malformed, "there is no link")
        }
    }
}
