/// Secret bytes that can be read in place: ``SecretBytes`` and ``SecretBuffer``.
public protocol SecretMemory: ~Copyable {
    /// The bytes, to read in place.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        get
    }
}

extension SecretMemory where Self: ~Copyable {
    /// Calls `body` with the bytes: for a class that holds them, which cannot hand out a span.
    package func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(bytes)
    }

    /// Calls `body` with the bytes, which are valid only until it returns: for C functions.
    public func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe bytes.withUnsafeBytes(body)
    }
}
