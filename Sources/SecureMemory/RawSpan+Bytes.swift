extension RawSpan {
    /// The byte at `position`; the process stops when it lies outside.
    public func byte(at position: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: position, as: UInt8.self)
    }

    /// An integer at `position`, whose bytes stand in little-endian order; the process stops when one lies outside.
    public func littleEndian<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type = Number.self, at position: Int
    ) -> Number {
        Number(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: position, as: Number.self))
    }
}

extension MutableRawSpan {
    /// The byte at `position`; the process stops when it lies outside.
    public func byte(at position: Int) -> UInt8 { bytes.byte(at: position) }
}

extension RawSpan {
    /// Whether both hold the same bytes; not for secrets, since the time that it takes tells how many.
    package func isSame(as other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        for position in 0..<byteCount where byte(at: position) != other.byte(at: position) { return false }
        return true
    }

    /// Whether they begin with these.
    package func hasPrefix(_ prefix: RawSpan) -> Bool {
        byteCount >= prefix.byteCount && extracting(first: prefix.byteCount).isSame(as: prefix)
    }

    /// Where the first such byte is; nil when there is none.
    package func firstIndex(of byte: UInt8) -> Int? {
        for position in 0..<byteCount where self.byte(at: position) == byte { return position }
        return nil
    }

    /// Whether every byte passes; true when there is none.
    package func allSatisfy(_ passes: (UInt8) -> Bool) -> Bool {
        for position in 0..<byteCount where !passes(byte(at: position)) { return false }
        return true
    }

    /// The bytes as text; nil when they are not UTF-8, or more than `limit`.
    package func text(limit: Int = .max) -> String? {
        guard byteCount <= limit else { return nil }
        return unsafe withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) }
    }
}

extension [UInt8] {
    /// A copy of bytes that are no secret.
    package init(_ bytes: RawSpan) {
        self = unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// The bytes, to read in place.
    package var rawSpan: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe span.bytes
            return unsafe _overrideLifetime(bytes, borrowing: self)
        }
    }
}

extension StaticString {
    /// The bytes of a literal, which are there as long as the program.
    package var rawSpan: RawSpan {
        @_lifetime(immortal)
        get {
            let bytes = unsafe RawSpan(_unsafeStart: utf8Start, byteCount: utf8CodeUnitCount)
            return unsafe _overrideLifetime(bytes, copying: ())
        }
    }
}
