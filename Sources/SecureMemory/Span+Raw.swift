// The standard library marks `bytes` unsafe, since other elements may have padding: a byte has none.
extension Span where Element == UInt8 {
    /// The same bytes.
    package var rawSpan: RawSpan {
        @_lifetime(copy self)
        get { unsafe bytes }
    }
}

extension [UInt8] {
    /// The bytes, to change in place.
    package var mutableRawSpan: MutableRawSpan {
        @_lifetime(&self)
        mutating get {
            var span = mutableSpan
            let bytes = unsafe _overrideLifetime(span.mutableBytes, copying: ())
            return unsafe _overrideLifetime(bytes, mutating: &self)
        }
    }
}

extension MutableRawSpan {
    /// The bytes of `range`; the process stops when one lies outside.
    @_lifetime(copy self)
    package consuming func part(_ range: Range<Int>) -> MutableRawSpan { _consumingExtracting(range) }

    /// Copies `source` over the bytes that begin at `position`.
    package mutating func overwrite(at position: Int, with source: RawSpan) {
        precondition(
            position >= 0 && source.byteCount <= byteCount - position, "a range outside of the bytes")
        unsafe withUnsafeMutableBytes { target in
            unsafe source.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[position...]).copyMemory(from: source)
            }
        }
    }
}

#if !hasFeature(Embedded)
    extension RawSpan {
        /// Calls `body` with these bytes and those of `other`, for a function that takes addresses.
        package func withUnsafeBytes<Result>(
            and other: RawSpan?, _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer?) throws -> Result
        ) throws -> Result {
            try unsafe withUnsafeBytes { bytes in
                switch other {
                case .some(let other): try unsafe other.withUnsafeBytes { try unsafe body(bytes, $0) }
                case .none: try unsafe body(bytes, nil)
                }
            }
        }
    }
#endif
