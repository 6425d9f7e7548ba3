import AWSValues
import AgentProtocol

/// The one request, checked before anything of it is used. It points into its frame.
@unsafe
package struct ExchangeRequest {
    package let url: String
    package let target: URLTarget
    package let headers: [UnsafeRawBufferPointer]
    package let body: UnsafeRawBufferPointer
    package let caBundle: String
    /// For all of it, with its repetitions.
    package let milliseconds: Int64
    package let flags: UInt32

    /// Nil when it breaks a rule.
    package init?(_ frame: UnsafeRawBufferPointer) {
        guard var reader = unsafe FrameReader(frame), unsafe reader.kind == ExchangeMessage.request,
            let url = unsafe reader.nextText(limit: 2048), let lines = unsafe reader.next(),
            let body = unsafe reader.next(), let caBundle = unsafe reader.nextText(limit: 1024),
            let milliseconds = unsafe reader.next(UInt32.self), let flags = unsafe reader.next(UInt32.self),
            unsafe reader.isAtEnd,
            flags & ~(ExchangeMessage.mayRepeat | ExchangeMessage.raw | ExchangeMessage.get) == 0,
            let target = URLTarget(url), let headers = unsafe Self.headers(lines),
            caBundle.isEmpty || caBundle.hasPrefix("/"), !caBundle.utf8.contains(0)
        else { return nil }
        unsafe self.url = url
        unsafe self.target = target
        unsafe self.headers = headers
        unsafe self.body = body
        unsafe self.caBundle = caBundle
        unsafe self.milliseconds = Int64(min(max(milliseconds, 1000), 30_000))
        unsafe self.flags = flags
    }

    private static func headers(_ lines: UnsafeRawBufferPointer) -> [UnsafeRawBufferPointer]? {
        var found: [UnsafeRawBufferPointer] = unsafe []
        var start = 0
        for end in 0..<lines.count {
            let byte = unsafe lines[end]
            if byte == UInt8(ascii: "\n") {
                let line = unsafe UnsafeRawBufferPointer(rebasing: lines[start..<end])
                guard unsafe isHeader(line), unsafe found.count < 32 else { return nil }
                unsafe found.append(line)
                start = end + 1
            } else if !(0x20...0x7E).contains(byte) {
                return nil
            }
        }
        return start == lines.count ? unsafe found : nil
    }

    /// Whether it is `Name: value`, with a name that cannot stand for another one.
    private static func isHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        guard let colon = unsafe line.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon + 2 < line.count,
            unsafe line[colon + 1] == UInt8(ascii: " ")
        else { return false }
        return unsafe line[..<colon].allSatisfy { byte in
            byte.isLetter || byte.isDigit || byte == UInt8(ascii: "-")
        }
    }
}
