import DurableFiles

/// Keeps other writers of ours away from a file, and leaves nothing in its directory.
enum ConfigLock {
    /// Calls `body` while no other writer of ours is at work on the file.
    ///
    /// - Throws: ``FileError/busy(path:)`` when another one was for as long as `seconds`.
    static func hold<Result: ~Copyable>(
        _ file: String, in directory: borrowing Directory, seconds: Double,
        _ body: () throws(AWSConfigError) -> Result
    ) throws(AWSConfigError) -> Result {
        let name = ".\(file).sealring-lock"
        while true {
            let lock = try asConfigError { () throws(FileError) in
                try FileLock(name, in: directory, seconds: seconds)
            }
            // The holder before may have removed the file while we waited for it: a lock on a file without a
            // name excludes no one.
            guard try asConfigError({ () throws(FileError) in try lock.isNamed(name, in: directory) }) else {
                continue
            }
            do throws(AWSConfigError) {
                let result = try body()
                remove(name, in: directory, lock)
                return result
            } catch {
                remove(name, in: directory, lock)
                throw error
            }
        }
    }

    /// While the lock is held, so that it is never another writer's.
    private static func remove(
        _ name: String, in directory: borrowing Directory, _ lock: borrowing FileLock
    ) {
        // One that cannot be removed is taken by the next writer.
        try? directory.remove(name)
    }
}
