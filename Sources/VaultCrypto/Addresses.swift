// libsodium takes addresses. A closure that gets one is as safe as what it does with it.
extension RawSpan {
    /// Calls `body` with where the bytes are; where there are none, nothing may be read from it.
    @safe
    func withAddress<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        unsafe withUnsafeBytes { bytes in
            let start = unsafe bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
            return unsafe body(start.assumingMemoryBound(to: UInt8.self))
        }
    }
}

extension MutableRawSpan {
    /// Calls `body` with where the bytes are; where there are none, nothing may be written to it.
    @safe
    mutating func withMutableAddress<Result>(
        _ body: (UnsafeMutablePointer<UInt8>) -> Result
    ) -> Result {
        unsafe withUnsafeMutableBytes { bytes in
            let start = unsafe bytes.baseAddress ?? UnsafeMutableRawPointer(bitPattern: 1).unsafelyUnwrapped
            return unsafe body(start.assumingMemoryBound(to: UInt8.self))
        }
    }
}
