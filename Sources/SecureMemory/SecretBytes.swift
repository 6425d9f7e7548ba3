import Platform

/// A fixed number of secret bytes in memory of their own.
///
/// The bytes lie on pages that are locked against swapping (`mlock`, checked), left out of core dumps and
/// children, fenced by an inaccessible page on each side, and wiped before they are given back. The value
/// cannot be copied, printed, encoded or compared: it moves, and it ends once.
///
/// One allocation costs whole pages and about ten system calls; keep many small secrets in one of these.
@safe
public struct SecretBytes: ~Copyable, SecretMemory {
    /// The number of bytes, at least 0.
    public let count: Int

    private let mapping: UnsafeMutableRawPointer
    private let mappedCount: Int
    private let start: UnsafeMutableRawPointer

    /// Allocates `count` zero bytes.
    ///
    /// - Throws: ``SecureMemoryError/cannotLock(count:code:)`` when the system refuses to lock that much
    ///   memory (`RLIMIT_MEMLOCK`), ``SecureMemoryError/cannotAllocate(count:code:)`` when it has none.
    public init(count: Int) throws(SecureMemoryError) {
        precondition(count >= 0, "a negative number of bytes")
        let page = Self.pageSize
        let inner = max(page, (count + page - 1) / page * page)
        let mapped = try unsafe Self.map(count, inner)
        self.count = count
        unsafe mapping = mapped
        mappedCount = inner + 2 * page
        // The end of the bytes meets the guard page, so that reading past it stops the process.
        unsafe start = mapped + page + (inner - (count + 15) / 16 * 16)
    }

    /// The pages between the guards, in bytes: what this takes of the locked memory.
    package var lockedCount: Int { mappedCount - 2 * Self.pageSize }

    /// Maps `inner` bytes of whole pages between two guard pages.
    private static func map(
        _ count: Int, _ inner: Int
    ) throws(SecureMemoryError) -> UnsafeMutableRawPointer {
        if unsafe SecretPages.prefersHidden, let mapped = unsafe mapHidden(inner) { return unsafe mapped }
        let total = inner + 2 * pageSize
        guard let mapped = unsafe reserve(total) else { throw .cannotAllocate(count: count, code: errno) }
        let pages = unsafe mapped + pageSize
        guard unsafe mprotect(pages, inner, PROT_READ | PROT_WRITE) == 0 else {
            let code = errno
            unsafe munmap(mapped, total)
            throw .cannotAllocate(count: count, code: code)
        }
        let isLocked = unsafe mlock(pages, inner) == 0 || SecretPages.allowsUnlocked
        guard isLocked, unsafe platform_keep_private(pages, inner) == 0 else {
            let code = errno
            unsafe munmap(mapped, total)
            throw .cannotLock(count: count, code: code)
        }
        return unsafe mapped
    }

    /// As ``map(_:_:)``, with pages that the kernel hides; they are locked by themselves. Nil where it has
    /// none, or no more.
    private static func mapHidden(_ inner: Int) -> UnsafeMutableRawPointer? {
        guard let mapped = unsafe reserve(inner + 2 * pageSize) else { return nil }
        let pages = unsafe mapped + pageSize
        guard unsafe platform_map_hidden(pages, inner) == 0 else {
            // The refused mapping has unmapped the pages, and something else may be there by now: only the
            // guards are still ours to unmap.
            unsafe munmap(mapped, pageSize)
            unsafe munmap(pages + inner, pageSize)
            return nil
        }
        guard unsafe platform_keep_private(pages, inner) == 0 else {
            unsafe munmap(mapped, inner + 2 * pageSize)
            return nil
        }
        return unsafe mapped
    }

    private static func reserve(_ count: Int) -> UnsafeMutableRawPointer? {
        let mapped = unsafe mmap(nil, count, PROT_NONE, MAP_PRIVATE | mapAnonymous, -1, 0)
        return unsafe mapped == platform_map_failed() ? nil : mapped
    }

    deinit {
        unsafe platform_wipe(mapping + Self.pageSize, mappedCount - 2 * Self.pageSize)
        unsafe munmap(mapping, mappedCount)
    }

    /// The bytes, to read in place.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let span = unsafe RawSpan(_unsafeStart: start, byteCount: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The bytes, to change in place.
    public var mutableBytes: MutableRawSpan {
        @_lifetime(&self)
        mutating get {
            let span = unsafe MutableRawSpan(_unsafeStart: start, byteCount: count)
            return unsafe _overrideLifetime(span, mutating: &self)
        }
    }

    /// Calls `body` with the bytes to write, which are valid only until it returns: for C functions.
    public mutating func withUnsafeMutableBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeMutableRawBufferPointer(start: start, count: count))
    }

    /// Overwrites every byte with zero.
    public mutating func wipe() {
        unsafe platform_wipe(start, count)
    }

    private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
}

// The memory belongs to the one value, which the compiler hands from owner to owner.
extension SecretBytes: @unchecked Sendable {}

extension SecretBytes {
    /// A copy of `bytes` in secret memory.
    public init(copying bytes: RawSpan) throws(SecureMemoryError) {
        try self.init(count: bytes.byteCount)
        unsafe withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
        }
    }

    /// A copy of `bytes` in secret memory.
    public init(copying bytes: UnsafeRawBufferPointer) throws(SecureMemoryError) {
        try self.init(copying: unsafe bytes.bytes)
    }

    /// A copy of the bytes in `range`, for a secret that leaves a larger buffer.
    public func copy(_ range: Range<Int>) throws(SecureMemoryError) -> SecretBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range outside of the bytes")
        return try SecretBytes(copying: bytes.extracting(range))
    }

    /// The same bytes in a buffer of another size, cut or filled up with zeros; the old one is wiped.
    public consuming func resized(to newCount: Int) throws(SecureMemoryError) -> SecretBytes {
        var larger = try SecretBytes(count: newCount)
        larger.overwrite(at: 0, with: bytes.extracting(first: newCount))
        return larger
    }

    /// Copies `source` over the bytes that begin at `position`.
    package mutating func overwrite(at position: Int, with source: RawSpan) {
        var bytes = mutableBytes
        bytes.overwrite(at: position, with: source)
    }
}

/// Why secret memory could not be allocated.
public enum SecureMemoryError: Error, Equatable, Sendable {
    /// The system has no such amount of memory; `code` is the `errno`.
    case cannotAllocate(count: Int, code: Int32)
    /// The system does not let this process lock so much memory; `code` is the `errno`.
    case cannotLock(count: Int, code: Int32)
}

extension SecureMemoryError: CustomStringConvertible {
    /// What is wrong, lower case, without a full stop.
    public var description: String {
        switch self {
        case .cannotAllocate(let count, _): "cannot allocate \(count) bytes of memory"
        case .cannotLock(let count, _):
            "cannot lock \(count >> 10 + (count & 1023 == 0 ? 0 : 1)) KiB of memory against swapping"
        }
    }
}
