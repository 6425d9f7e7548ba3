import AgentProtocol
import Platform

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
    /// - Parameter status: how it ended, as `waitpid` tells.
    init(_ report: Int32, status: Int32) {
        let ending = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
        code = (64...78).contains(ending) ? ending : Refusal.unavailable
        unsafe withUnsafeTemporaryAllocation(byteCount: 2048, alignment: 1) { room in
            var ready = pollfd(fd: report, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&ready, 1, 0) > 0, ready.revents & Int16(POLLIN) != 0 else { return }
            let count = unsafe max(read(report, room.baseAddress, room.count), 0)
            var (start, tab) = (0, -1)
            while start < count, unsafe room[start] != UInt8(ascii: "\n") {
                if tab < 0, unsafe room[start] == UInt8(ascii: "\t") { tab = start }
                start += 1
            }
            let end = start
            let messageEnd = tab < 0 ? end : tab
            unsafe message.appendPrintable(UnsafeRawBufferPointer(rebasing: room[..<messageEnd]))
            guard tab >= 0 else { return }
            unsafe cure.appendPrintable(UnsafeRawBufferPointer(rebasing: room[(tab + 1)..<end]))
        }
        guard message.count == 0 else { return }
        message.append("'sealring' could not ask: it ended with status ")
        message.append(decimal: Int64(ending))
    }
}
