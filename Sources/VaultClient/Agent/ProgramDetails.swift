import AWSValues
import AgentProtocol
import Platform
import SecureMemory

/// What the programs beside this one say of themselves.
package enum ProgramDetails {
    /// The commit that this program was built from; nil where the build was not told.
    package static var commit: String? { unsafe platform_commit().map { unsafe String(cString: $0) } }

    /// What `PROGRAM --version --verbose` prints behind the version; nil where the program is missing, does not answer,
    /// or is of another version.
    package static func ofProgram(_ name: StaticString) -> String? {
        guard let line = try? answer(of: name) else { return nil }
        let version = "\(ProgramVersion.text) "
        return line.hasPrefix(version) ? ShownText.escaped(String(line.dropFirst(version.count))) : nil
    }

    private static func answer(of name: StaticString) throws(SiblingProgram.StartError) -> String {
        let pipe = try SiblingProgram.pipe()
        var child = try SiblingProgram.start(
            name,
            streams: ChildProcess.Streams(input: .null, output: .descriptor(pipe.writing), errors: .null),
            passing: { _ in false },
            addArguments: {
                $0.append("--version")
                $0.append("--verbose")
            })
        let reading = pipe.takeReading()
        defer { close(reading) }
        var text: [UInt8] = []
        var room = [UInt8](repeating: 0, count: limit)
        let end = MonotonicClock.milliseconds() + Int64(Timeouts.answer)
        while text.count < limit, !text.contains(UInt8(ascii: "\n")),
            SystemCall.wait(
                for: reading, POLLIN, milliseconds: Int32(max(end - MonotonicClock.milliseconds(), 0)))
                == .ready
        {
            var bytes = room.mutableRawSpan
            let count = SystemCall.read(reading, into: &bytes)
            guard count > 0 else { break }
            text += room[..<count]
        }
        if child.wait(milliseconds: Timeouts.endingChild) == .running {
            child.stop(SIGKILL, milliseconds: Timeouts.endingChild)
        }
        return String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// The most bytes of an answer.
    private static let limit = 512
}
