import CPlatform

/// Secret bytes whose number is not known beforehand, appended one piece after the other.
///
/// Growing doubles the room: the old pages are wiped, and no copy stays behind.
public struct SecretBuffer: ~Copyable {
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
    public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(SecureMemoryError) -> Bool {
        guard bytes.count <= limit - count else { return false }
        try reserve(bytes.count)
        let position = count
        unsafe storage.withUnsafeMutableBytes { target in
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[position..<(position + bytes.count)])
                .copyMemory(from: bytes)
        }
        count += bytes.count
        return true
    }

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

    /// Writes a number over bytes that were appended before.
    package mutating func overwrite(at position: Int, littleEndian number: UInt32) {
        precondition(position >= 0 && position + 4 <= count, "bytes that were not appended")
        unsafe storage.withUnsafeMutableBytes {
            unsafe $0.storeBytes(of: number.littleEndian, toByteOffset: position, as: UInt32.self)
        }
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
        unsafe storage.withUnsafeMutableBytes { bytes in
            for place in start..<end { unsafe bytes[place - start] = unsafe bytes[place] }
        }
        truncate(to: count - removed)
    }

    /// Calls `body` with the bytes appended so far.
    public func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let end = count
        return try unsafe storage.withUnsafeBytes { (bytes) throws(Failure) in
            try unsafe body(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
        }
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
        let end = count
        unsafe storage.withUnsafeBytes { old in
            unsafe larger.withUnsafeMutableBytes { new in
                unsafe new.copyMemory(from: UnsafeRawBufferPointer(rebasing: old[..<end]))
            }
        }
        storage = larger
    }
}
