import AWSValues
import AgentProtocol
import SecureMemory

/// The one request, checked before anything of it is used, in its frame.
package struct ExchangeRequest: ~Escapable {
    package let url: String
    package let target: URLTarget
    private let lines: RawSpan
    private let headers: [Range<Int>]
    package let body: RawSpan
    package let caBundle: String
    /// For all of it, with its repetitions.
    package let milliseconds: Int64
    package let flags: UInt32

    /// Nil when it breaks a rule.
    @_lifetime(copy frame)
    package init?(_ frame: RawSpan) {
        guard var reader = FrameReader(frame), reader.kind == ExchangeMessage.request,
            let url = reader.nextText(limit: 2048), let lines = reader.next(), let body = reader.next(),
            let caBundle = reader.nextText(limit: 1024), let milliseconds = reader.next(UInt32.self),
            let flags = reader.next(UInt32.self), reader.isAtEnd,
            flags & ~(ExchangeMessage.mayRepeat | ExchangeMessage.raw) == 0,
            let target = URLTarget(url), let headers = Self.headers(lines),
            caBundle.isEmpty || caBundle.hasPrefix("/"), !caBundle.utf8.contains(0)
        else { return nil }
        self.url = url
        self.target = target
        self.lines = lines
        self.headers = headers
        self.body = body
        self.caBundle = caBundle
        self.milliseconds = Int64(min(max(milliseconds, 1000), 30_000))
        self.flags = flags
    }

    package var headerCount: Int { headers.count }

    /// The header at `place`, as `Name: value`.
    @_lifetime(copy self)
    package func header(_ place: Int) -> RawSpan { lines.extracting(headers[place]) }

    private static func headers(_ lines: RawSpan) -> [Range<Int>]? {
        var found: [Range<Int>] = []
        var start = 0
        for end in 0..<lines.byteCount {
            let byte = lines.byte(at: end)
            if byte == UInt8(ascii: "\n") {
                guard isHeader(lines.extracting(start..<end)), found.count < 32 else { return nil }
                found.append(start..<end)
                start = end + 1
            } else if !(0x20...0x7E).contains(byte) {
                return nil
            }
        }
        return start == lines.byteCount ? found : nil
    }

    /// Whether it is `Name: value`, with a name that cannot stand for another one.
    private static func isHeader(_ line: RawSpan) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon + 2 < line.byteCount,
            line.byte(at: colon + 1) == UInt8(ascii: " ")
        else { return false }
        return line.extracting(first: colon).allSatisfy { byte in
            byte.isLetter || byte.isDigit || byte == UInt8(ascii: "-")
        }
    }
}
