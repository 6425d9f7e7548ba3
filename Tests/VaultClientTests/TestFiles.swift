import AWSConfigFile
import AWSConfigGrammar
import Platform
import SecureMemory
import Testing

@testable import VaultClient

/// The files of the AWS CLI in a directory of their own.
final class TestFiles {
    let folder: String
    let files: AWSFiles

    static let helper = "/usr/local/bin/sealring-credential-process"

    init(config: String? = nil, credentials: String? = nil) throws {
        var template = Array("/tmp/sealring-test-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw World.Killed() }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        files = AWSFiles(
            config: ConfigFile(path: folder + "/config", kind: .config),
            credentials: ConfigFile(path: folder + "/credentials", kind: .credentials),
            undo: UndoStore(directory: folder + "/profiles")
        ) { helper in
            helper == .sealring ? "/usr/local/bin/sealring" : Self.helper
        }
        if let config { try write(config, .config) }
        if let credentials { try write(credentials, .credentials) }
    }

    deinit {
        for path in ["config", "credentials", "profiles"] { Self.clear("\(folder)/\(path)") }
        Self.clear(folder)
        if unsafe access(folder, F_OK) == 0 { Issue.record("\(folder) is left behind") }
    }

    private static func clear(_ path: String) {
        if let folder = unsafe opendir(path) {
            var names: [String] = []
            while let entry = unsafe readdir(folder) {
                let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { name in
                    unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                        unsafe String(cString: $0)
                    }
                }
                if name != ".", name != ".." { names.append(name) }
            }
            unsafe closedir(folder)
            for name in names { clear("\(path)/\(name)") }
            unsafe rmdir(path)
        } else {
            unsafe unlink(path)
        }
    }

    func write(_ text: String, _ kind: ConfigKind) throws {
        let file = unsafe Platform.open(files[kind].path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw World.Killed() }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard unsafe Platform.write(file, bytes, bytes.count) == bytes.count else { throw World.Killed() }
    }

    /// What is in a file now; nil when there is none.
    func text(_ kind: ConfigKind = .config) throws -> String? {
        guard unsafe access(files[kind].path, F_OK) == 0 else { return nil }
        let document = try files[kind].read()
        let bytes = try document.secret(in: 0..<document.count)
        return unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

/// A settings file that is nowhere.
func document(_ text: String, _ kind: ConfigKind = .config) throws -> ConfigDocument {
    try ConfigDocument(secret(text), kind: kind)
}
