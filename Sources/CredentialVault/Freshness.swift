import DurableFiles
import SecureMemory
import VaultCrypto

/// How a vault file stands to the one that this machine saw last.
public enum Freshness: Sendable, Equatable {
    /// It is that file, or a successor of it; or this machine never saw the vault.
    case current
    /// It has a lower generation: an older copy was put in place of a newer one.
    case rollback(seen: UInt64, found: UInt64)
    /// Two machines wrote the vault without seeing each other's change.
    case fork(seen: UInt64, found: UInt64)
}

/// What this machine remembers of the newest state of a vault, since the file alone cannot prove that it is
/// the newest.
struct FreshnessStore {
    let stateDirectory: String
    let vaultID: [UInt8]

    struct Memory: Equatable {
        var epoch: UInt32
        var generation: UInt64
        var keyID: [UInt8]
        var mac: [UInt8]
    }

    /// What is remembered; nil when there is nothing, or nothing readable.
    func read() -> Memory? {
        guard let directory = try? Directory(folder), let file = try? directory.open(name),
            // A FIFO would never end.
            (try? file.status())?.isRegular ?? false
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Self.count + 1)
        let got = unsafe bytes.withUnsafeMutableBytes { unsafe try? file.read(into: $0) }
        guard got == Self.count, bytes.starts(with: Self.magic) else { return nil }
        let digest = Self.digest(Array(bytes[..<Self.digestOffset]))
        guard digest == Array(bytes[Self.digestOffset..<Self.count]) else { return nil }
        return Memory(
            epoch: bytes.littleEndian(at: 8), generation: bytes.littleEndian(at: 12),
            keyID: Array(bytes[20..<52]), mac: Array(bytes[52..<84]))
    }

    /// Remembers a state. A state directory that cannot be written is no error: the vault still works, and
    /// only an older file is not recognised.
    ///
    /// - Parameter condition: asked under the lock, with what is remembered; false leaves it so.
    @discardableResult
    func write(_ memory: Memory, when condition: (Memory?) -> Bool = { _ in true }) -> Bool {
        var bytes = Self.magic + [UInt8](repeating: 0, count: 12) + memory.keyID + memory.mac
        bytes.setLittleEndian(memory.epoch, at: 8)
        bytes.setLittleEndian(memory.generation, at: 12)
        bytes += Self.digest(bytes)
        do {
            try Directory.make(folder)
            let directory = try Directory(folder)
            let lock = try FileLock(".lock", in: directory, seconds: 2)
            defer { extendLifetime(lock) }
            guard condition(read()) else { return false }
            try Replacement(name: name).write(in: directory) { file in
                try unsafe bytes.withUnsafeBytes { try unsafe file.write($0) }
            } verify: { _ in
            }
            return true
        } catch { return false }
    }

    /// Compares a file that was opened with what is remembered.
    ///
    /// - Throws: `revoked` when the file is of before a revocation that this machine saw.
    static func compare(
        _ header: VaultHeader, keyID: [UInt8], ancestors: [[UInt8]], with memory: Memory?
    ) throws(ContentError) -> Freshness {
        guard let memory else { return .current }
        if header.epoch < memory.epoch || (header.epoch == memory.epoch && keyID != memory.keyID) {
            throw ContentError(reason: .revoked)
        }
        if header.mac == memory.mac || ancestors.contains(memory.mac) { return .current }
        return header.generation < memory.generation
            ? .rollback(seen: memory.generation, found: header.generation)
            : .fork(seen: memory.generation, found: header.generation)
    }

    private var folder: String { stateDirectory + "/vaults" }
    private var name: String { vaultID.map { hexadecimal($0) }.joined() }

    private static let magic: [UInt8] = Array("SRNGSTA1".utf8)
    private static let digestOffset = 84
    private static let count = digestOffset + 32

    private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe KeyedHash.digest($0) }
    }
}

/// Two digits for a byte.
func hexadecimal(_ byte: UInt8) -> String {
    let digits = Array("0123456789abcdef")
    return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
}
