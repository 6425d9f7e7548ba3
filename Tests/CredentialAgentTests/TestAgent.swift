import AgentProtocol
import CredentialVault
import DurableFiles
import Platform
import SecureMemory
import TestSupport
import Testing

@testable import CredentialAgent

/// The agent's state over a vault in a directory of its own, with a clock that the test sets.
final class TestAgent {
    private(set) var state: AgentState
    let location: VaultLocation
    var now = AgentState.Moment(boot: 1000, unix: 1_700_000_000)
    var changes: PendingChanges?
    /// Who asks, and for how long already.
    var connection = 0
    var waiting: Waiting?
    /// What the vault was opened with, to change it as another program does.
    var vault: Vault
    private let scratch = Scratch()

    /// The same each time, so that no two codes of a test have one mark by chance.
    static let codeKey = [UInt8](repeating: 7, count: 32)

    struct Answer: Equatable {
        var kind: UInt8
        var fields: [[UInt8]] = []
        var image: [UInt8]?
        var isMalformed = false
        var isStop = false
        var waiting: Waiting?
        var isParked: Bool { waiting != nil }

        static let malformed = Answer(kind: 0, isMalformed: true)

        func text(_ field: Int) -> String { String(decoding: fields[field], as: UTF8.self) }

        func number(_ field: Int) -> UInt64 {
            fields[field].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }

        /// Of an error: its exit code.
        var code: UInt64? { kind == AgentMessage.Answer.error.rawValue ? number(0) : nil }
    }

    /// - Parameter stateDirectory: shared with another vault; nil for one of its own.
    init(stateDirectory: String? = nil) throws {
        location = VaultLocation(path: scratch("vault"), stateDirectory: stateDirectory ?? scratch("state"))
        vault = try Vault.create(at: location, passphrase: secret("passphrase"), cost: .cheapest)
        try vault.update { contents in
            try contents.add(
                Entry(name: "prod", accessKeyID: "AKIAIOSFODNN7EXAMPLE"), secretAccessKey: secret("made-up"))
        }
        state = AgentState(
            location, processID: 7, protections: [("seccomp", "on"), ("landlock", "no")],
            // It is the whole process's, and other tests run meanwhile.
            applyUnlockedMemory: { _ in })
        fixCodeKey()
    }

    /// Another agent over the same vault, as after an end of the first.
    func restart() {
        state = AgentState(location, processID: 8, protections: [], applyUnlockedMemory: { _ in })
        fixCodeKey()
        (connection, waiting) = (0, nil)
    }

    private func fixCodeKey() {
        state.spentCodes = SpentCodes(location.stateDirectory) { Self.codeKey }
    }

    deinit {
        scratch.remove()
        if unsafe access(scratch.path, F_OK) == 0 { Issue.record("\(scratch.path) is left behind") }
    }

    func key() throws -> [UInt8] {
        vault.withVaultKey { key in unsafe key.withUnsafeBytes { unsafe Array($0) } }
    }

    func unlock(idle: UInt32 = 60, total: UInt32 = 600, path: String? = nil, key: [UInt8]? = nil) throws
        -> Answer
    {
        try ask(
            .unlock, bytes(path ?? location.path), key ?? self.key(), number(idle), number(total),
            number(0 as UInt32))
    }

    func credentials(_ name: String = "prod") throws -> Answer {
        try ask(.credentials, bytes(location.path), bytes(name), [])
    }

    func ask(_ request: AgentMessage.Request, _ fields: [UInt8]...) throws -> Answer {
        var frame = try SecretBuffer(capacity: 4000, limit: AgentMessage.frameLimit + 4)
        let start = try frame.beginFrame(request)
        for field in fields { try frame.appendField(field) }
        try frame.endFrame(start)
        return try send([UInt8](frame.bytes))
    }

    /// Hands a frame over as it is.
    func send(_ frame: [UInt8], mayBegin: Bool = true) throws -> Answer {
        var buffer = try SecretBuffer(capacity: 4000, limit: AgentMessage.frameLimit + 4)
        let outcome = try state.handle(
            frame.rawSpan, changes: &changes, mayBegin: { mayBegin },
            caller: Caller(connection: connection, waiting: waiting), now: now, answer: &buffer)
        if case .malformed = outcome { return .malformed }
        if case .parked(let waiting) = outcome { return Answer(kind: 0, waiting: waiting) }
        guard var reader = FrameReader(buffer.bytes) else { return .malformed }
        var answer = Answer(kind: reader.kind)
        while let field = reader.next() { answer.fields.append([UInt8](field)) }
        if case .image(let image) = outcome { answer.image = image }
        if case .stop = outcome { answer.isStop = true }
        return answer
    }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func number(_ number: some FixedWidthInteger) -> [UInt8] {
    unsafe withUnsafeBytes(of: number.littleEndian) { unsafe Array($0) }
}

extension TestAgent {
    /// The contents of the files that sessions are sealed in.
    func sessionFiles() throws -> [[UInt8]] {
        let directory = try Directory(location.stateDirectory + "/sessions")
        var files: [[UInt8]] = []
        for name in try directory.names() where !name.hasPrefix(".") {
            let content = try directory.open(name).readAll(limit: 1 << 20)
            files.append(unsafe content.withUnsafeBytes { unsafe Array($0) })
        }
        return files
    }

    func file() throws -> [UInt8] {
        let content = try FileHandle.open(location.path).readAll(limit: 1 << 23)
        return unsafe content.withUnsafeBytes { unsafe Array($0) }
    }

    /// Puts an image in place of the vault, as a client does.
    func write(_ image: [UInt8]) throws {
        let file = try FileHandle.open(location.path, flags: O_WRONLY | O_TRUNC)
        try file.write(image.rawSpan)
    }
}
