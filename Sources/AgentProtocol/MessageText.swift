import AWSValues
package import Platform
import SecureMemory

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
        // Embedded Swift does not look whether there is memory.
        guard let room = unsafe calloc(limit + 1, 1) else { _exit(Refusal.memory) }
        unsafe start = room.assumingMemoryBound(to: UInt8.self)
    }

    /// A path, from a program that has strings.
    package init(path: String) {
        let bytes = path.utf8
        self.init(limit: bytes.count)
        append(unsafe bytes.span.bytes)
    }

    deinit { unsafe free(start) }

    /// The bytes, to read in place.
    package var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe RawSpan(_unsafeStart: start, byteCount: count)
            return unsafe _overrideLifetime(bytes, borrowing: self)
        }
    }

    package mutating func append(_ text: StaticString) { append(text.rawSpan) }

    /// Appends all of the bytes, or none.
    package mutating func append(_ bytes: RawSpan) {
        guard bytes.byteCount <= limit - count else {
            isCut = true
            return
        }
        for position in 0..<bytes.byteCount { unsafe start[count + position] = bytes.byte(at: position) }
        count += bytes.byteCount
        unsafe start[count] = 0
    }

    /// Appends text of others: whatever a terminal might obey, or is no UTF-8, becomes a question mark.
    package mutating func appendPrintable(_ bytes: RawSpan) {
        var position = 0
        while position < bytes.byteCount, !isCut {
            guard let (scalar, length) = UTF8Text.scalar(in: bytes.octets, at: position),
                ShownText.isShown(scalar)
            else {
                append("?")
                position += 1
                while position < bytes.byteCount, bytes.byte(at: position) & 0xC0 == 0x80 { position += 1 }
                continue
            }
            append(bytes.extracting(position..<(position + length)))
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
        guard count < limit else {
            isCut = true
            return
        }
        unsafe start[count] = byte
        count += 1
        unsafe start[count] = 0
    }

    /// Appends what the system calls an error.
    package mutating func append(errno code: Int32) {
        guard let text = unsafe strerror(code) else { return }
        appendPrintable(unsafe UnsafeRawBufferPointer(start: text, count: strlen(text)).bytes)
    }

    /// Takes away what lies behind `newCount` bytes.
    package mutating func cut(to newCount: Int) {
        guard newCount < count else { return }
        count = newCount
        unsafe start[count] = 0
    }

    /// What the system says of the file at this path; nil with `errno` set.
    package func facts(followingLinks: Bool = true) -> FileFacts? {
        unsafe withPath { unsafe FileFacts($0, followingLinks: followingLinks) }
    }

    /// Opens the file at this path, as `openat(2)` does.
    package func open(_ flags: Int32, in directory: Int32 = AT_FDCWD) -> Int32 {
        unsafe withPath { unsafe platform_openat(directory, $0, flags, 0) }
    }

    /// Calls `body` with the bytes as the C library takes them, zero included.
    package func withPath<Result>(_ body: (UnsafeMutablePointer<CChar>) -> Result) -> Result {
        unsafe start.withMemoryRebound(to: CChar.self, capacity: limit + 1) { unsafe body($0) }
    }
}
