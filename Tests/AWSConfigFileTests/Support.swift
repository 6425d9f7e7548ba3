import AWSConfigGrammar
import SecureMemory
import Testing

@testable import AWSConfigFile

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

let helper = "/usr/local/bin/sealring-credential-process"

func secretBytes(_ bytes: [UInt8]) throws -> SecretBytes {
    var secret = try SecretBytes(count: bytes.count)
    unsafe secret.withUnsafeMutableBytes { unsafe $0.copyBytes(from: bytes) }
    return secret
}

func document(_ bytes: [UInt8], kind: ConfigKind = .config, exists: Bool = true) throws -> ConfigDocument {
    try ConfigDocument(secretBytes(bytes), kind: kind, exists: exists)
}

func document(_ text: String, kind: ConfigKind = .config, exists: Bool = true) throws -> ConfigDocument {
    try document(Array(text.utf8), kind: kind, exists: exists)
}

func plain(_ bytes: borrowing SecretBytes) -> [UInt8] {
    unsafe bytes.withUnsafeBytes { unsafe Array($0) }
}

extension ConfigDocument {
    var plainBytes: [UInt8] { plain(bytes) }
    var plainText: String { String(decoding: plain(bytes), as: UTF8.self) }
}

func settings(
    _ entry: String = "prod", region: String? = nil, output: String? = nil
) throws -> ProfileSettings {
    try ProfileSettings(
        credentialProcess: HelperCommand(path: helper, name: entry), region: region, output: output)
}

/// The file after `configure`, and the record of the edit; nil for no change.
func configured(
    _ old: borrowing ConfigDocument, _ settings: ProfileSettings, profile: String = "target",
    replacingForeignProcess: Bool = false, earlier: [UndoRecord] = []
) throws -> (bytes: [UInt8], undo: UndoRecord, diff: [DiffLine])? {
    let edit = try old.configure(
        ProfileName(profile), settings, replacingForeignProcess: replacingForeignProcess, earlier: earlier)
    guard let edit else { return nil }
    let undo = edit.undo
    return (edit.document.plainBytes, try #require(undo), edit.diff)
}

/// The file after the record is taken back; nil when it does not fit.
func undone(_ bytes: [UInt8], _ record: UndoRecord) throws -> [UInt8]? {
    let now = try document(bytes)
    guard let edit = try now.undo(record) else { return nil }
    return edit.document.plainBytes
}

/// The error of a body that must fail.
func failure(_ body: () throws -> Void) -> AWSConfigError? {
    do {
        try body()
        return nil
    } catch {
        return error as? AWSConfigError
    }
}

/// A directory of its own, removed with all that is in it.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/sealring-config-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
        guard let start = buffer.baseAddress, unsafe mkdtemp(start) != nil else { return nil }
        return unsafe String(cString: start)
    }
    let path = try #require(made)
    defer { removeTree(path, depth: 0) }
    try body(path)
}

/// Calls `body` with a config file of this text, or none, and what a test needs beside it.
func withConfigFile(
    _ text: String?, mode: mode_t = 0o600,
    _ body: (ConfigFile, UndoStore, _ directory: String) throws -> Void
) throws {
    try withTemporaryDirectory { directory in
        let file = ConfigFile(path: directory + "/home/.aws/config", kind: .config)
        if let text {
            unsafe mkdir(directory + "/home", 0o700)
            unsafe mkdir(directory + "/home/.aws", 0o700)
            try write(text, to: file.path, mode: mode)
        }
        try body(file, UndoStore(directory: directory + "/state"), directory)
    }
}

func removeDirectory(_ path: String) { removeTree(path, depth: 0) }

private func removeTree(_ path: String, depth: Int) {
    if depth < 8, let stream = unsafe opendir(path) {
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        unsafe closedir(stream)
        var status = stat()
        for name in names where unsafe lstat("\(path)/\(name)", &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR {
                removeTree("\(path)/\(name)", depth: depth + 1)
            } else {
                unsafe unlink("\(path)/\(name)")
            }
        }
    }
    unsafe rmdir(path)
}

func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    fchmod(descriptor, mode)
    var text = text
    let written = text.withUTF8 { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    try #require(written == text.utf8.count)
}

func contents(of path: String) -> String? {
    let descriptor = unsafe open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
}

func mode(of path: String) -> mode_t? {
    var status = stat()
    return unsafe lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
}
