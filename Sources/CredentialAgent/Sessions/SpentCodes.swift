import AgentProtocol
import DurableFiles
import Platform
import ProgramSupport
import SecureMemory

/// The MFA codes that this user's programs have sent, whatever vault they were for: AWS takes none twice.
///
/// They are recorded in a file of the state directory before the request leaves, and whatever keeps that from
/// happening keeps the code from being sent.
final class SpentCodes {
    private let folder: String
    private let makeKey: () -> [UInt8]
    /// Of a state directory that no program of this user can write, this process alone remembers.
    private var unwritten: CodeMarks?

    private static let name = ".codes"
    /// - Parameter makeKey: makes the key of the marks, at random.
    init(_ stateDirectory: String, makeKey: @escaping () -> [UInt8] = { CodeMarks.randomKey() }) {
        folder = stateDirectory + "/sessions"
        self.makeKey = makeKey
    }

    /// Records that a code is about to be sent.
    func spend(
        _ code: RawSpan, serial: String, _ now: AgentState.Moment
    ) throws -> CodeMarks.Spending {
        var result = try unwritten?.spend(code, serial: serial, now, makeKey: makeKey)
        if let result, result != .done { return result }
        do {
            return try record(code, serial, now)
        } catch let error as FileError {
            switch error {
            case .system(_, _, EROFS), .system(_, _, EACCES), .system(_, _, EPERM):
                guard unwritten == nil else { return .done }
                var marks = CodeMarks(key: makeKey())
                result = try marks.spend(code, serial: serial, now, makeKey: makeKey)
                unwritten = marks
                return result ?? .done
            case .busy:
                throw AgentReason.codesBusy
            default: throw Self.unrecorded(Failure(error))
            }
        }
    }

    private func record(
        _ code: RawSpan, _ serial: String, _ now: AgentState.Moment
    ) throws -> CodeMarks.Spending {
        try Directory.make(folder)
        let directory = try Directory(folder)
        let lock = try FileLock(".lock", in: directory, seconds: Timeouts.seconds(Timeouts.spending))
        defer { extendLifetime(lock) }
        var marks = try read(directory)
        let result = try marks.spend(code, serial: serial, now, makeKey: makeKey)
        guard result == .done else { return result }
        let content = marks.encoded
        try Replacement(name: Self.name).write(in: directory) { file in
            try file.write(content.rawSpan)
        } verify: { file in
            let written = try file.readAll(limit: CodeMarks.limit)
            guard written.bytes.isSame(as: content.rawSpan) else {
                throw FileError.system(call: "read back", path: file.path, code: EIO)
            }
        }
        return result
    }

    private func read(_ directory: borrowing Directory) throws -> CodeMarks {
        guard try directory.status(of: Self.name) != nil else { return CodeMarks(key: makeKey()) }
        let file = try directory.open(Self.name)
        try file.status().requireRegular(file.path)
        try file.status().requireOwn(file.path)
        let content = try file.readAll(limit: CodeMarks.limit)
        guard let marks = CodeMarks(content.bytes) else {
            // What it held is not known, and any code may have been sent.
            throw AgentReason.codesDamaged(path: file.path)
        }
        return marks
    }

    private static func unrecorded(_ failure: Failure) -> Failure {
        Failure(
            failure.code, "cannot record that the MFA code is used: \(failure.message)", hint: failure.hint)
    }
}
