import AgentProtocol
import Platform
import SecureMemory

/// Why `sealring` could not get what a helper needs: its exit code, and the message and hint that it left.
struct PromptReport: ~Copyable {
    let code: Int32
    var message = MessageText(limit: Self.partLimit)
    var cure = MessageText(limit: Self.partLimit)

    private static var partLimit: Int { 480 }

    private init(code: Int32, _ message: StaticString) {
        self.code = code
        self.message.append(message)
    }

    static var late: PromptReport { PromptReport(code: Refusal.notPermitted, "nobody answered in time") }

    /// Reads what the program has written: message, tab and hint in one line. It has ended, and writes its report
    /// in one piece, so that what is not there now never comes.
    ///
    /// - Parameter ending: its exit status, or 128 and the signal that ended it.
    init(_ report: Int32, ending: Int32) {
        code = (64...78).contains(ending) ? ending : Refusal.unavailable
        unsafe withUnsafeTemporaryAllocation(byteCount: 2048, alignment: 1) { room in
            guard SystemCall.wait(for: report, POLLIN, milliseconds: 0) == .ready else { return }
            let count = unsafe max(read(report, room.baseAddress, room.count), 0)
            let text = unsafe UnsafeRawBufferPointer(rebasing: room[..<count]).bytes
            let line = text.extracting(first: text.firstIndex(of: UInt8(ascii: "\n")) ?? text.byteCount)
            let tab = line.firstIndex(of: UInt8(ascii: "\t"))
            message.appendPrintable(line.extracting(first: tab ?? line.byteCount))
            if let tab { cure.appendPrintable(line.extracting(droppingFirst: tab + 1)) }
        }
        guard message.count == 0 else { return }
        message.append("'sealring' could not ask: it ended with status ")
        message.append(decimal: Int64(ending))
    }
}
