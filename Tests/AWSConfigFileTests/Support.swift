import AWSConfigGrammar
import Platform
import SecureMemory
import TestSupport
import Testing

@testable import AWSConfigFile

let helper = "/usr/local/bin/sealring-credential-process"

func document(_ bytes: [UInt8], kind: ConfigKind = .config, exists: Bool = true) throws -> ConfigDocument {
    try ConfigDocument(secret(bytes), kind: kind, exists: exists)
}

func document(_ text: String, kind: ConfigKind = .config, exists: Bool = true) throws -> ConfigDocument {
    try document(Array(text.utf8), kind: kind, exists: exists)
}

extension ConfigDocument {
    var plainBytes: [UInt8] { bytes.exposed }
    var plainText: String { bytes.exposedText }
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
