package import SecureMemory

extension AgentMessage {
    /// A buffer that takes one frame.
    package static func buffer(capacity: Int = 4000) throws(AgentError) -> SecretBuffer {
        do { return try SecretBuffer(capacity: capacity, limit: frameLimit + 4) } catch {
            throw .memory(error)
        }
    }
}

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

    package mutating func appendField(_ bytes: RawSpan) throws(AgentError) {
        guard bytes.byteCount <= AgentMessage.frameLimit else { throw .tooLong }
        try appendNumber(UInt32(bytes.byteCount))
        try appendPiece(bytes)
    }

    package mutating func appendField<Number: FixedWidthInteger & BitwiseCopyable>(
        _ number: Number
    ) throws(AgentError) {
        try appendNumber(UInt32(Number.bitWidth / 8))
        try appendNumber(number)
    }

    package mutating func appendField(_ text: String) throws(AgentError) {
        let bytes = text.utf8
        try appendField(unsafe bytes.span.bytes)
    }

    package mutating func appendField(_ bytes: [UInt8]) throws(AgentError) {
        try appendField(bytes.rawSpan)
    }

    package mutating func appendField(_ secret: borrowing SecretBytes) throws(AgentError) {
        try appendField(secret.bytes)
    }

    package mutating func appendField(_ secret: borrowing SecretBuffer) throws(AgentError) {
        try appendField(secret.bytes)
    }

    /// Begins a field that is appended piece by piece.
    ///
    /// - Returns: where its bytes begin, for ``endField(_:)``.
    package mutating func beginField() throws(AgentError) -> Int {
        try appendNumber(UInt32(0))
        return count
    }

    /// Appends a piece of the field that was begun.
    package mutating func appendPiece(_ bytes: RawSpan) throws(AgentError) {
        let isAppended: Bool
        do { isAppended = try append(bytes) } catch { throw .memory(error) }
        guard isAppended else { throw .tooLong }
    }

    package mutating func appendPiece(_ text: StaticString) throws(AgentError) {
        try appendPiece(text.rawSpan)
    }

    /// Ends the field whose bytes begin at `start`, by writing its length.
    package mutating func endField(_ start: Int) {
        overwrite(at: start - 4, littleEndian: UInt32(count - start))
    }

    /// Ends the frame that began at `start`, by writing its length.
    package mutating func endFrame(_ start: Int) throws(AgentError) {
        let length = count - start - 4
        guard length <= AgentMessage.frameLimit else { throw .tooLong }
        overwrite(at: start, littleEndian: UInt32(length))
    }

    private mutating func appendNumber<Number: FixedWidthInteger & BitwiseCopyable>(
        _ number: Number
    ) throws(AgentError) {
        let isAppended: Bool
        do { isAppended = try append(littleEndian: number) } catch { throw .memory(error) }
        guard isAppended else { throw .tooLong }
    }
}

/// What can be said of the bytes that have arrived so far.
package enum FrameHead: Equatable, Sendable {
    /// More bytes are needed to tell.
    case incomplete
    /// The frame has this many bytes, its length included.
    case size(Int)
    case malformed

    package init(_ bytes: RawSpan) {
        guard bytes.byteCount >= 4 else {
            self = .incomplete
            return
        }
        let length = Int(bytes.littleEndian(UInt32.self, at: 0))
        // A version that is not ours closes the connection before the rest has come.
        let isOurs = bytes.byteCount < 5 || bytes.byte(at: 4) == AgentMessage.version
        self = isOurs && (2...AgentMessage.frameLimit).contains(length) ? .size(4 + length) : .malformed
    }
}

/// The fields of one whole frame, read one after the other, where they lie.
package struct FrameReader: ~Escapable {
    package let kind: UInt8
    private let bytes: RawSpan
    private var position = AgentMessage.headCount

    /// Nil when the bytes are not exactly one frame of our version.
    @_lifetime(copy frame)
    package init?(_ frame: RawSpan) {
        guard case .size(let size) = FrameHead(frame), size == frame.byteCount else { return nil }
        kind = frame.byte(at: 5)
        bytes = frame
    }

    /// The next field; nil when there is none, or when it goes beyond the frame.
    @_lifetime(copy self)
    package mutating func next() -> RawSpan? {
        guard bytes.byteCount - position >= 4 else { return nil }
        let length = Int(bytes.littleEndian(UInt32.self, at: position))
        guard length <= bytes.byteCount - position - 4 else { return nil }
        let start = position + 4
        position = start + length
        return bytes.extracting(start..<position)
    }

    /// Where in the frame the bytes of the next field are.
    package mutating func nextRange() -> Range<Int>? {
        guard let field = next() else { return nil }
        return (position - field.byteCount)..<position
    }

    /// The next field as a number of exactly this width.
    package mutating func next<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) -> Number? {
        guard let field = next(), field.byteCount == Number.bitWidth / 8 else { return nil }
        return field.littleEndian(at: 0)
    }

    /// The next field as text; nil when it is not UTF-8 or has more than `limit` bytes.
    package mutating func nextText(limit: Int) -> String? { next()?.text(limit: limit) }

    /// Whether every field was read.
    package var isAtEnd: Bool { position == bytes.byteCount }
}
