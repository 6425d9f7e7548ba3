import AWSValues
import DurableFiles
import Platform
package import SecureMemory
import VaultCrypto

/// A file of the state directory that is sealed under the vault key: what may be lost, and must not be read.
///
/// `magic (8) ‖ nonce (24) ‖ secretbox(content)`, under a key that is derived from the vault key, so that a
/// change of the passphrase makes it unreadable.
package struct SealedStateFile: Sendable {
    private let folder: String
    private let name: String

    /// The sessions of a vault.
    package static func sessions(of vaultID: [UInt8], _ location: VaultLocation) -> SealedStateFile {
        SealedStateFile(
            folder: location.stateDirectory + "/sessions",
            name: Hex.text(vaultID.span))
    }

    private static let magic: [UInt8] = Array("SRNGSES1".utf8)
    private static let headCount = 8 + SecretBox.nonceCount
    /// The most bytes of a content.
    package static let limit = 1 << 20

    /// The content; nil when there is none that this key opens.
    package func read(_ key: borrowing SecretBytes) -> SecretBytes? {
        do { return try open(key) } catch { return nil }
    }

    /// Whether there is a file that this key does not open.
    package func isForeign(_ key: borrowing SecretBytes) -> Bool {
        do { _ = try open(key) } catch { return error is Foreign }
        return false
    }

    private struct Foreign: Error {}

    private func open(_ key: borrowing SecretBytes) throws -> SecretBytes {
        let file = try Directory(folder).open(name)
        // Nothing else may be read: a FIFO would never end.
        try file.status().requireRegular(file.path)
        try file.status().requireOwn(file.path)
        let content = try file.readAll(limit: Self.limit + 64)
        let start = Self.headCount
        guard content.count >= start + SecretBox.tagCount else { throw Foreign() }
        var box = try content.copy(start..<content.count)
        guard content.bytes.extracting(first: 8).isSame(as: Self.magic.rawSpan) else { throw Foreign() }
        let nonce = content.bytes.extracting(8..<start)
        do { try SecretBox.open(box.mutableBytes, nonce: nonce, key: key) } catch { throw Foreign() }
        return try box.copy(SecretBox.tagCount..<box.count)
    }

    /// Replaces the file, unless it is there and its lock was not to be had in `seconds`. What fails is no
    /// error: the content is fetched again then. A crash of the machine may cost the file, which is not synced.
    ///
    /// - Parameter content: makes the new content, under the lock; nil removes the file.
    /// - Returns: whether it is in place, or gone.
    package func replace(
        _ key: borrowing SecretBytes, seconds: Double, _ content: () throws -> SecretBuffer?
    ) -> Bool {
        do {
            try Directory.make(folder)
            let directory = try Directory(folder)
            let lock = try FileLock(".lock", in: directory, seconds: seconds)
            defer { extendLifetime(lock) }
            switch try content() {
            case .some(let content): try write(content, key, in: directory)
            case .none: try directory.remove(name)
            }
            return true
        } catch {
            // A state directory that cannot be written costs a request to AWS more.
            return false
        }
    }

    private func write(
        _ content: borrowing SecretBuffer, _ key: borrowing SecretBytes, in directory: borrowing Directory
    ) throws {
        let nonce = Sodium.randomPublicBytes(SecretBox.nonceCount)
        var box = try SecretBytes(count: SecretBox.tagCount + content.count)
        box.overwrite(at: SecretBox.tagCount, with: content.bytes)
        SecretBox.seal(box.mutableBytes, nonce: nonce.rawSpan, key: key)
        let head = Self.magic + nonce
        try Replacement(name: name, isSynced: false).write(in: directory) { file in
            try file.write(head.rawSpan)
            try file.write(box.bytes)
        } verify: { _ in
        }
    }

    /// Removes the file, and what a writer that was killed has left of it.
    ///
    /// - Returns: whether it is gone.
    @discardableResult
    package func remove() -> Bool {
        // Where there is no directory there is no file.
        guard FileStatus.of(folder) != nil else { return true }
        do {
            let directory = try Directory(folder)
            try directory.remove(name)
            for stale in try directory.names() where stale.hasPrefix(".\(name).new-") {
                try directory.remove(stale)
            }
            return true
        } catch { return false }
    }
}
