import AWSRequests
import AWSValues
import AgentProtocol
import ArgumentParser
import CredentialVault
import ProgramSupport
import SecureMemory
import VaultClient

struct Login: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Print a link that opens the AWS console.",
        discussion: """
            Anyone who has the link can use it for 15 minutes, so it is only printed. A key without a role opens the \
            console with a federated session, which needs the permission sts:GetFederationToken.
            """)
    static let examples = [
        "sealring login admin",
        "sealring login admin --service s3 --duration 1h",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var mfa: MFAOptions

    @Argument(help: "Name of an entry or role.")
    var name: String

    @Option(help: ArgumentHelp("Console page to open, such as s3.", valueName: "service"))
    var service: String?

    @Option(
        help: ArgumentHelp(
            "How long the console session lasts (15m to 12h, roles only).", valueName: "duration"))
    var duration: String?

    @Flag(help: "Print the link (the default).")
    var print = false

    func run() throws {
        let seconds = try duration.map { try DurationText.seconds($0, in: 900...43_200) }
        let isService = service.map { service in
            (1...64).contains(service.utf8.count)
                && service.utf8.allSatisfy {
                    $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "-")
                }
        }
        guard isService ?? true else {
            throw Failure(
                .usage, "this is no service of the console", hint: "name it as in its address, for example s3"
            )
        }
        let vault = try global.access()
        let entries = try vault.entries()
        guard entries.isTaken(name) else { throw VaultError(.noSuchEntry(name), path: vault.location.path) }
        let partition = Self.partition(name, in: entries)
        let link = try vault.sessions(mfa.code).call(
            .getSigninToken, name, signer: .served, argument: seconds.map { "\($0)" } ?? "",
            action: "open the console"
        ) { reply, context in
            guard let body = reply.first(""), let token = Self.token(body) else {
                throw Failure(.malformed, "the answer of \(context.host.printable) holds no token")
            }
            var link = try SecretBuffer(capacity: 4 << 10, limit: 16 << 10)
            try Self.append(
                to: &link, token, base: context.host, partition: partition, service: service)
            return SecretLink(link)
        }
        try Console.release(link.take())
    }

    /// Where the console of a role or a key is.
    private static func partition(_ name: String, in entries: EntryList) -> AWSPartition {
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
    private static func token(_ body: RawSpan) -> RawSpan? {
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

    private static func append(
        to link: inout SecretBuffer, _ token: RawSpan, base: String, partition: AWSPartition,
        service: String?
    ) throws {
        let destination = "https://\(partition.consoleHost)/\(service ?? "")"
        let start =
            "\(base)?Action=login&Issuer=sealring&Destination=\(PercentEncoding.encode(destination))&SigninToken="
        for piece in [start, nil, "\n"] as [String?] {
            let isAppended: Bool
            if let piece {
                let bytes = [UInt8](piece.utf8)
                isAppended = try link.append(bytes.rawSpan)
            } else {
                isAppended = try link.append(token)
            }
            guard isAppended else { throw Failure(.malformed, "the link is too long") }
        }
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
        case .none: throw AgentError.malformed
        }
    }
}
