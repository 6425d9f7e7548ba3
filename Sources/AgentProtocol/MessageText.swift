import AWSValues

/// Bytes of a message or a path, bounded and followed by a zero; what does not fit is left out.
///
/// For the helper, which builds no strings: one would pull tables and conformance lookups into its start.
@safe
package struct MessageText: ~Copyable {
    private let start: UnsafeMutablePointer<UInt8>
    private let limit: Int
    package private(set) var count = 0
    /// Whether something was left out.
    package private(set) var isCut = false

    package init(limit: Int) {
        self.limit = limit
        unsafe start = UnsafeMutablePointer<UInt8>.allocate(capacity: limit + 1)
        unsafe start.initialize(repeating: 0, count: limit + 1)
    }

    deinit { unsafe start.deallocate() }

    package mutating func append(_ text: StaticString) {
        unsafe append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends all of the bytes, or none.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= limit - count else {
            isCut = true
            return
        }
        for position in 0..<bytes.count { unsafe start[count + position] = unsafe bytes[position] }
        count += bytes.count
        unsafe start[count] = 0
    }

    /// Appends text of others: whatever a terminal might obey, or is no UTF-8, becomes a question mark.
    package mutating func appendPrintable(_ bytes: UnsafeRawBufferPointer) {
        var position = 0
        while position < bytes.count, !isCut {
            let octets = unsafe bytes.bytes.octets
            guard let (scalar, length) = UTF8Text.scalar(in: octets, at: position),
                ShownText.isShown(scalar)
            else {
                append("?")
                position += 1
                while position < bytes.count, unsafe bytes[position] & 0xC0 == 0x80 { position += 1 }
                continue
            }
            unsafe append(UnsafeRawBufferPointer(rebasing: bytes[position..<(position + length)]))
            position += length
        }
    }

    package mutating func append(decimal number: Int64) {
        var divisor: UInt64 = 1
        let magnitude = number.magnitude
        while magnitude / divisor >= 10 { divisor *= 10 }
        if number < 0 { append("-") }
        while divisor > 0 {
            append(byte: UInt8(ascii: "0") + UInt8(magnitude / divisor % 10))
            divisor /= 10
        }
    }

    package mutating func append(byte: UInt8) {
        unsafe withUnsafeBytes(of: byte) { unsafe append($0) }
    }

    /// Takes away what lies behind `newCount` bytes.
    package mutating func cut(to newCount: Int) {
        guard newCount < count else { return }
        count = newCount
        unsafe start[count] = 0
    }

    /// Calls `body` with the bytes.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Calls `body` with the bytes as the C library takes them, zero included.
    package func withPath<Result>(_ body: (UnsafeMutablePointer<CChar>) -> Result) -> Result {
        unsafe start.withMemoryRebound(to: CChar.self, capacity: limit + 1) { unsafe body($0) }
    }
}
