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
