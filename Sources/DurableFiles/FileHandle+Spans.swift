extension FileHandle {
    /// Fills `target` from where the file stands; the number is smaller only when the file ended.
    package func read(into target: consuming MutableRawSpan) throws(FileError) -> Int {
        try unsafe target.withUnsafeMutableBytes { (target) throws(FileError) in try unsafe read(into: target)
        }
    }

    /// Writes all bytes.
    package func write(_ bytes: RawSpan) throws(FileError) {
        try unsafe bytes.withUnsafeBytes { (bytes) throws(FileError) in try unsafe write(bytes) }
    }
}
