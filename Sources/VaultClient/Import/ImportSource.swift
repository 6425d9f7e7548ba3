import AWSConfigFile
import AWSConfigGrammar
import AWSValues
package import CredentialImport
package import DurableFiles
package import ProgramSupport
import SecureMemory
import VaultCrypto

/// One source of keys that was read: its bytes stay in secret memory until the command ends.
package final class ImportSource {
    /// The path as it was given; nil for the environment.
    package let path: String?
    package let document: ImportDocument
    /// Tells whether the file is still the one that was read when it is deleted.
    package let status: FileStatus?

    /// The hash of the bytes that were read.
    private let digest: [UInt8]

    private init(
        path: String?, document: consuming ImportDocument, status: FileStatus?, digest: [UInt8] = []
    ) {
        self.path = path
        self.document = document
        self.status = status
        self.digest = digest
    }

    /// The file's name, for messages and for the entry's source.
    package var name: String {
        guard let path else { return "the environment" }
        return SecretFile.isStandardInput(path) ? "stdin" : String(path.split(separator: "/").last ?? "")
    }

    /// Whether it is this file, by whatever path.
    func isSameFile(as path: String) -> Bool {
        guard let status, let handle = try? SecretFile.open(path) else { return false }
        return (try? handle.status().identity) == status.identity
    }

    /// Whether a settings file has one of its keys now; one that cannot be read may.
    package var stillHoldsKeys: Bool {
        guard let path, let kind = document.settingsKind else { return false }
        let profiles = Set(document.keys.compactMap { $0.profile.map(ExactText.init) })
        guard let now = try? ConfigFile(path: path, kind: kind).read() else { return true }
        return now.profilesWithStaticKeys.contains { profiles.contains(ExactText($0)) }
    }

    /// What a settings file says beside a key of it.
    package func beside(_ key: ImportedKey) -> BesideKey? {
        guard let profile = key.profile else { return nil }
        var settings = settings[ExactText(profile)] ?? BesideSettings()
        if settings.mfaSerial == nil, let serial = key.mfaSerial {
            settings.mfaSerial = BesideSettings.Value(text: serial, line: key.line)
        }
        return BesideKey(profile, settings)
    }

    /// What the file says beside the keys of all profiles, and the config file where AWS clients read both
    /// together.
    private lazy var settings: [ExactText: BesideSettings] = {
        guard let path, let kind = document.settingsKind,
            let own = try? ConfigFile(path: path, kind: kind).read().besideSettings
        else { return [:] }
        guard kind == .credentials, let credentials = try? Paths.awsCredentials(),
            isSameFile(as: credentials), let config = try? ConfigFile(.config).read().besideSettings
        else { return own }
        return own.merging(config) { $0.joined(with: $1) }
    }()

    /// The profiles that assume roles, with the command that takes them over.
    package var leftOutRoles: [String] {
        document.roles.map { role in
            let name = EntryName.cleaned(role.profile)
            let profile = same(name, role.profile) ? "" : " --profile \(role.profile.shellQuoted.printable)"
            return
                "the role of profile '\(role.profile.printable)' (\(self.name.printable), line \(role.line)): "
                + "take it over with 'sealring configure \(name)\(profile)'"
        }
    }

    /// Whether the source is a file that can be deleted.
    package var isFile: Bool { status?.isRegular ?? false }

    package static func read(_ path: String, acceptsShortSecrets: Bool) throws -> ImportSource {
        let handle = try SecretFile.open(path)
        let status = try handle.status()
        let isStream = SecretFile.isDescriptor(path)
        if !isStream || status.kind == "a directory" { try status.requireRegular(path) }
        let bytes = try handle.readAll(limit: ImportLimits.fileBytes)
        let digest = Self.digest(of: bytes)
        let kind = isStream ? nil : settingsKind(of: status)
        do {
            return ImportSource(
                path: path,
                document: try ImportDocument.parse(
                    bytes, fileName: isStream ? nil : path, settings: kind,
                    acceptsShortSecrets: acceptsShortSecrets),
                status: isStream ? nil : status, digest: digest)
        } catch {
            throw Failure(error, SecretFile.isStandardInput(path) ? "stdin" : path)
        }
    }

    /// Which of the files of the AWS CLI this is, where variables give them other names.
    private static func settingsKind(of status: FileStatus) -> ConfigKind? {
        for (path, kind) in [(Paths.awsConfig, ConfigKind.config), (Paths.awsCredentials, .credentials)] {
            guard let path = try? path(), let file = try? FileHandle.open(path).status() else { continue }
            if file.identity == status.identity { return kind }
        }
        return nil
    }

    private static func digest(of bytes: borrowing SecretBytes) -> [UInt8] {
        KeyedHash.digest(bytes.bytes)
    }

    /// The hash of a file's bytes; nil when they are more than those of any source.
    private static func digest(of file: borrowing FileHandle) throws -> [UInt8]? {
        do throws(FileError) {
            return digest(of: try file.readAll(limit: ImportLimits.fileBytes))
        } catch {
            guard case .tooLarge = error else { throw error }
            return nil
        }
    }

    /// Whether the file at the path is the one that was read, with the same bytes.
    func isUnchanged() throws -> Bool {
        guard let path, let status else { return false }
        let handle = try FileHandle.open(path)
        guard try handle.status().identity == status.identity, try Self.digest(of: handle) == digest else {
            return false
        }
        // The path itself may have got another file while that one was read.
        return try FileHandle.open(path).status().identity == status.identity
    }

    package static func environment(acceptsShortSecrets: Bool) throws -> ImportSource {
        do {
            return ImportSource(
                path: nil,
                document: try ImportDocument.fromEnvironment(acceptsShortSecrets: acceptsShortSecrets),
                status: nil)
        } catch {
            throw Failure(error, nil)
        }
    }
}

extension Failure {
    package init(_ error: ImportError, _ path: String?) {
        let place = path.map { "\($0.printable): " } ?? ""
        if case .memory = error {
            self.init(.memory, place + error.description, hint: error.hint)
        } else if case .environment = error {
            self.init(.missing, error.description, hint: error.hint)
        } else {
            self.init(.malformed, place + error.description, hint: error.hint)
        }
    }
}
