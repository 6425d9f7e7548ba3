import Platform

/// Secret bytes whose number is not known beforehand, appended one piece after the other.
///
/// Growing doubles the room: the old pages are wiped, and no copy stays behind.
public struct SecretBuffer: ~Copyable, SecretMemory {
    /// How many bytes have been appended.
    public private(set) var count = 0
    /// The most bytes that this buffer takes.
    public let limit: Int

    private var storage: SecretBytes

    /// How many bytes it can hold before it grows.
    package var capacity: Int { storage.count }

    /// What the buffer takes of the locked memory, in bytes.
    package var lockedCount: Int { storage.lockedCount }

    /// An empty buffer for at most `limit` bytes, with room for `capacity` of them.
    public init(capacity: Int, limit: Int) throws(SecureMemoryError) {
        storage = try SecretBytes(count: min(max(capacity, 1), limit))
        self.limit = limit
    }

    /// Appends `bytes`; false, with nothing appended, when the limit would be passed.
    public mutating func append(_ bytes: RawSpan) throws(SecureMemoryError) -> Bool {
        guard bytes.byteCount <= limit - count else { return false }
        try reserve(bytes.byteCount)
        storage.overwrite(at: count, with: bytes)
        count += bytes.byteCount
        return true
    }

    /// Appends one byte; false when the limit would be passed.
    package mutating func append(_ byte: UInt8) throws(SecureMemoryError) -> Bool {
        guard count < limit else { return false }
        try reserve(1)
        let position = count
        var bytes = storage.mutableBytes
        bytes.storeBytes(of: byte, toByteOffset: position, as: UInt8.self)
        count += 1
        return true
    }

    /// As the one above, for bytes that a C function gave.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(SecureMemoryError) -> Bool {
        try append(unsafe bytes.bytes)
    }

    /// Appends a number, its bytes in little-endian order; false as above.
    package mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(
        littleEndian number: Number
    ) throws(SecureMemoryError) -> Bool {
        let size = MemoryLayout<Number>.size
        guard size <= limit - count else { return false }
        try reserve(size)
        let position = count
        var bytes = storage.mutableBytes
        bytes.storeBytes(of: number.littleEndian, toByteOffset: position, as: Number.self)
        count += size
        return true
    }

    /// Reads up to `room` bytes of a descriptor behind the last one, in one call of `read(2)`.
    ///
    /// - Returns: what the call returned: how many bytes came, or -1 with `errno` set.
    package mutating func read(from descriptor: Int32, room: Int) throws(SecureMemoryError) -> Int {
        let room = min(room, limit - count)
        try reserve(room)
        let position = count
        var bytes = storage.mutableBytes
        var target = bytes._mutatingExtracting(position..<(position + room))
        let got = SystemCall.read(descriptor, into: &target)
        count += max(got, 0)
        return got
    }

    #if !hasFeature(Embedded)
        /// Lets `body` fill up to `room` bytes after the last one and tell how many it wrote.
        package mutating func fill<Failure: Error>(
            room: Int, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
        ) throws -> Int {
            let room = min(room, limit - count)
            try reserve(room)
            let position = count
            let filled = try unsafe storage.withUnsafeMutableBytes { (target) throws(Failure) in
                try unsafe body(UnsafeMutableRawBufferPointer(rebasing: target[position..<(position + room)]))
            }
            precondition(filled >= 0 && filled <= room, "more bytes than there was room for")
            count += filled
            return filled
        }
    #endif

    /// Writes a number over bytes that were appended before.
    package mutating func overwrite(at position: Int, littleEndian number: UInt32) {
        precondition(position >= 0 && position + 4 <= count, "bytes that were not appended")
        var bytes = storage.mutableBytes
        bytes.storeBytes(of: number.littleEndian, toByteOffset: position, as: UInt32.self)
    }

    /// Takes bytes at the end away again; they are wiped.
    package mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count, "more bytes than there are")
        let range = newCount..<count
        unsafe storage.withUnsafeMutableBytes { bytes in
            let end = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[range])
            if let start = end.baseAddress { unsafe platform_wipe(start, end.count) }
        }
        count = newCount
    }

    /// Takes bytes at the beginning away; the others move to the front.
    package mutating func removeFirst(_ removed: Int) {
        precondition(removed >= 0 && removed <= count, "more bytes than there are")
        let (start, end) = (removed, count)
        var bytes = storage.mutableBytes
        for place in start..<end {
            bytes.storeBytes(of: bytes.byte(at: place), toByteOffset: place - start, as: UInt8.self)
        }
        truncate(to: count - removed)
    }

    /// The bytes appended so far, to read in place.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get { storage.bytes.extracting(first: count) }
    }

    /// The bytes appended so far, in memory of exactly their size.
    public consuming func finish() throws(SecureMemoryError) -> SecretBytes {
        if storage.count == count { return storage }
        return try storage.resized(to: count)
    }

    private mutating func reserve(_ more: Int) throws(SecureMemoryError) {
        let needed = count + more
        guard needed > storage.count else { return }
        let size = min(limit, max(needed, storage.count * 2))
        var larger = try SecretBytes(count: size)
        larger.overwrite(at: 0, with: bytes)
        storage = larger
    }
}
