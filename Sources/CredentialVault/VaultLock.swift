import DurableFiles

/// The directory of a vault whose file nobody else writes while this is held.
struct VaultLock: ~Copyable {
    let directory: Directory
    private let lock: FileLock

    /// Waits up to 10 s for other writers.
    init(_ location: VaultLocation) throws(FileError) {
        let directory = try Directory(location.directory)
        let lock = try FileLock(location.lockName, in: directory, seconds: VaultStore.lockSeconds)
        self.directory = directory
        self.lock = lock
    }
}
