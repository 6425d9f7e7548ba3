package import DurableFiles
import SecureMemory
import VaultCrypto

/// The next state of a vault, sealed; no secret.
package struct VaultImage: Sendable {
    /// The whole file.
    package let bytes: [UInt8]
    /// What names the vault key in this machine's state.
    package let keyID: [UInt8]
    /// Whether the file that it replaces must not be kept, since something was removed.
    package let removesPrevious: Bool

    package init(bytes: [UInt8], keyID: [UInt8], removesPrevious: Bool) {
        self.bytes = bytes
        self.keyID = keyID
        self.removesPrevious = removesPrevious
    }
}

/// A writer of a vault file that has no key: it holds the lock, and puts an image in place that the agent
/// made.
package struct VaultWriter: ~Copyable {
    private let location: VaultLocation
    private let lock: VaultLock
    private let header: VaultHeader

    /// Waits up to 10 s for the lock.
    package init(_ location: VaultLocation) throws(VaultError) {
        do {
            let lock = try VaultLock(location)
            let header = try SealedVault.readHeader(location)
            self.location = location
            self.lock = lock
            self.header = header
        } catch FileError.missing {
            throw VaultError(.missing, path: location.path)
        } catch { throw VaultError(error, path: location.path) }
    }

    /// Writes the image, reads it back, and puts it in place of the vault.
    ///
    /// - Parameter headerMAC: the header of the state that it follows.
    /// - Returns: what kept this machine from remembering the new state; the vault is saved all the same.
    package func publish(_ image: VaultImage, after headerMAC: [UInt8]) throws(VaultError) -> FileError? {
        do {
            guard image.bytes.count <= VaultFormat.fileLimit, image.bytes.count > VaultFormat.headerCount,
                image.keyID.count == KeyedHash.outputCount
            else { throw ContentError.damaged("what the agent sent is not a vault") }
            let next = try VaultHeader(parsing: Array(image.bytes[..<VaultFormat.headerCount]))
            guard header.mac == headerMAC, next.vaultID == header.vaultID, next.epoch == header.epoch,
                // No header has the generation 0.
                next.generation - 1 == header.generation
            else {
                throw ContentError.damaged("what the agent sent does not follow the vault's current state")
            }
            let previous: VaultStore.Previous = image.removesPrevious ? .removed : .kept
            try VaultStore.replacement(location, previous).write(in: lock.directory) { file in
                try file.write(image.bytes.rawSpan)
            } verify: { file in
                try Self.require(file, toHold: image.bytes)
            }
            let memory = FreshnessStore.Memory(
                epoch: next.epoch, generation: next.generation, keyID: image.keyID, mac: next.mac)
            return VaultStore.remember(memory, of: next.vaultID, location)
        } catch { throw VaultError(error, path: location.path) }
    }

    private static func require(_ file: borrowing FileHandle, toHold bytes: [UInt8]) throws {
        var found = [UInt8](repeating: 0, count: bytes.count)
        let count = try file.read(into: found.mutableRawSpan)
        guard count == bytes.count, try file.status().size == count, found == bytes else {
            throw ContentError.damaged("the disk did not return what was written")
        }
    }
}
