import SecureMemory

/// Calls `body` with the bytes of every part, nil for one that is nil.
func withBytes<Result: ~Copyable, Failure: Error>(
    of parts: [[UInt8]?], _ body: ([UnsafeRawBufferPointer?]) throws(Failure) -> Result
) throws(Failure) -> Result {
    let all = parts.flatMap { $0 ?? [] }
    return try unsafe all.span.bytes.withUnsafeBytes { (all) throws(Failure) in
        var position = 0
        var found: [UnsafeRawBufferPointer?] = unsafe []
        for part in parts {
            let count = part?.count ?? 0
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: all[position..<(position + count)])
            unsafe found.append(part == nil ? nil : bytes)
            position += count
        }
        return try unsafe body(found)
    }
}
