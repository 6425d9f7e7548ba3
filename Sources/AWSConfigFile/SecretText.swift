import SecureMemory

extension SecretBytes {
    /// Calls `body` with a bounds-checked view of the bytes.
    func withSpan<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe withUnsafeBytes { (bytes) throws(Failure) in
            try body(unsafe Span(_unsafeBytes: bytes))
        }
    }
}
