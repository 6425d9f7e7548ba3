package import SecureMemory

extension SecretBuffer {
    /// Begins a frame behind what the buffer holds.
    ///
    /// - Returns: where it begins, for ``endFrame(_:)``.
    package mutating func beginFrame(_ kind: UInt8) throws(AgentError) -> Int {
        let start = count
        try appendNumber(UInt32(0))
        try appendNumber(AgentMessage.version)
        try appendNumber(kind)
        return start
    }

    package mutating func beginFrame(_ request: AgentMessage.Request) throws(AgentError) -> Int {
        try beginFrame(request.rawValue)
    }

    package mutating func beginFrame(_ answer: AgentMessage.Answer) throws(AgentError) -> Int {
        try beginFrame(answer.rawValue)
    }

    package mutating func appendField(_ bytes: UnsafeRawBufferPointer) throws(AgentError) {
        guard bytes.count <= AgentMessage.frameLimit else { throw .tooLong }
        try appendNumber(UInt32(bytes.count))
        try unsafe appendBytes(bytes)
    }

    package mutating func appendField<Number: FixedWidthInteger>(_ number: Number) throws(AgentError) {
        try appendNumber(UInt32(Number.bitWidth / 8))
        try appendNumber(number)
    }

    package mutating func appendField(_ text: String) throws(AgentError) {
        var text = text
        try unsafe text.withUTF8Typed { (bytes) throws(AgentError) in try unsafe appendField(bytes) }
    }

    package mutating func appendField(_ bytes: [UInt8]) throws(AgentError) {
        try unsafe bytes.span.bytes.withUnsafeBytes { (bytes) throws(AgentError) in
            try unsafe appendField(bytes)
        }
    }

    package mutating func appendField(_ secret: borrowing SecretBytes) throws(AgentError) {
        try unsafe secret.withUnsafeBytes { (bytes) throws(AgentError) in try unsafe appendField(bytes) }
    }

    /// Ends the frame that began at `start`, by writing its length.
    package mutating func endFrame(_ start: Int) throws(AgentError) {
        let length = count - start - 4
        guard length <= AgentMessage.frameLimit else { throw .tooLong }
        overwrite(at: start, littleEndian: UInt32(length))
    }

    private mutating func appendNumber<Number: FixedWidthInteger>(_ number: Number) throws(AgentError) {
        try unsafe Swift.withUnsafeBytes(of: number.littleEndian) { (bytes) throws(AgentError) in
            try unsafe appendBytes(bytes)
        }
    }

    private mutating func appendBytes(_ bytes: UnsafeRawBufferPointer) throws(AgentError) {
        let isAppended: Bool
        do { isAppended = try unsafe append(bytes) } catch { throw .memory(error) }
        guard isAppended else { throw .tooLong }
    }
}

extension String {
    fileprivate mutating func withUTF8Typed<Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        try unsafe utf8.span.bytes.withUnsafeBytes { (bytes) throws(Failure) in try unsafe body(bytes) }
    }
}

/// What can be said of the bytes that have arrived so far.
package enum FrameHead: Equatable, Sendable {
    /// More bytes are needed to tell.
    case incomplete
    /// The frame has this many bytes, its length included.
    case size(Int)
    case malformed

    package init(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 4 else {
            self = .incomplete
            return
        }
        let length = Int(UInt32(littleEndian: unsafe bytes.loadUnaligned(as: UInt32.self)))
        // A version that is not ours closes the connection before the rest has come.
        let isOurs = unsafe bytes.count < 5 || bytes[4] == AgentMessage.version
        self = isOurs && (2...AgentMessage.frameLimit).contains(length) ? .size(4 + length) : .malformed
    }
}

/// The fields of one whole frame, read one after the other.
///
/// It points into the bytes that it was given, and must not outlive them.
@unsafe
package struct FrameReader {
    package let kind: UInt8
    private let bytes: UnsafeRawBufferPointer
    private var position = AgentMessage.headCount

    /// Nil when the bytes are not exactly one frame of our version.
    package init?(_ frame: UnsafeRawBufferPointer) {
        guard case .size(let size) = unsafe FrameHead(frame), size == frame.count else { return nil }
        unsafe kind = frame[5]
        unsafe bytes = frame
    }

    /// The next field; nil when there is none, or when it goes beyond the frame.
    package mutating func next() -> UnsafeRawBufferPointer? {
        guard unsafe bytes.count - position >= 4 else { return nil }
        let length = Int(
            UInt32(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
        guard unsafe length <= bytes.count - position - 4 else { return nil }
        let start = unsafe position + 4
        unsafe position = start + length
        return unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<(start + length)])
    }

    /// The next field as a number of exactly this width.
    package mutating func next<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
        guard let field = unsafe next(), field.count == Number.bitWidth / 8 else { return nil }
        return Number(littleEndian: unsafe field.loadUnaligned(as: Number.self))
    }

    /// The next field as text; nil when it is not UTF-8 or has more than `limit` bytes.
    package mutating func nextText(limit: Int) -> String? {
        guard let field = unsafe next(), field.count <= limit else { return nil }
        return unsafe String(validating: field, as: UTF8.self)
    }

    /// Whether every field was read.
    package var isAtEnd: Bool { unsafe position == bytes.count }
}
