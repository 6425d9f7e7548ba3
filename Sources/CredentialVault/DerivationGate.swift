import DurableFiles
import SecureMemory
import VaultCrypto

/// Lets one derivation of this user run at a time, and only where the machine has the memory.
///
/// Twenty helpers without an agent must not take 10 GiB.
struct DerivationGate {
    let location: VaultLocation

    init(_ location: VaultLocation) { self.location = location }

    func run(
        _ cost: PasswordHash.Cost, _ derive: () throws(CryptoError) -> SecretBytes
    ) throws -> SecretBytes {
        let lock = try lock()
        defer { extendLifetime(lock) }
        let needed = Int(cost.memory) << 10
        // Some room beside it, for the process itself and its neighbours.
        if let available = AvailableMemory.bytes(), available < needed + (16 << 20) {
            throw VaultError(.notEnoughMemory(needed: needed, available: available), path: location.path)
        }
        return try derive()
    }

    /// Nil where there is no state directory to lock in: that never keeps anyone from their keys.
    private func lock() throws -> FileLock? {
        do {
            try Directory.make(location.stateDirectory)
            let directory = try Directory(location.stateDirectory)
            return try FileLock("derivation.lock", in: directory, seconds: 25)
        } catch FileError.busy(let path) {
            throw FileError.busy(path: path)
        } catch {
            return nil
        }
    }
}
