import AWSConfigFile
import AWSConfigGrammar
import TestSupport

@testable import VaultClient

/// The files of the AWS CLI in a directory of their own.
final class TestFiles {
    private let scratch = Scratch()
    let files: AWSFiles

    static let helper = "/usr/local/bin/sealring-credential-process"

    init(config: String? = nil, credentials: String? = nil) throws {
        files = AWSFiles(
            config: ConfigFile(path: scratch("config"), kind: .config),
            credentials: ConfigFile(path: scratch("credentials"), kind: .credentials),
            undo: UndoStore(directory: scratch("profiles"))
        ) { helper in
            helper == .sealring ? "/usr/local/bin/sealring" : Self.helper
        }
        if let config { try write(config, .config) }
        if let credentials { try write(credentials, .credentials) }
    }

    func write(_ text: String, _ kind: ConfigKind) throws {
        try scratch.put(Array(text.utf8), at: kind == .config ? "config" : "credentials")
    }

    /// What is in a file now; nil when there is none.
    func text(_ kind: ConfigKind = .config) throws -> String? {
        let name = kind == .config ? "config" : "credentials"
        guard try scratch.entries().contains(name) else { return nil }
        return try String(decoding: scratch.bytes(of: name), as: UTF8.self)
    }
}

/// A settings file that is nowhere.
func document(_ text: String, _ kind: ConfigKind = .config) throws -> ConfigDocument {
    try ConfigDocument(secret(text), kind: kind)
}
