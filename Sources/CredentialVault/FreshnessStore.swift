import AWSValues
import DurableFiles
import Platform
import SecureMemory
import VaultCrypto

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

    /// What a look at the memory finds. Nothing is not the same as something that cannot be used: who damages
    /// the file, or may write to its directory, must not make the machine forget.
    enum Recollection: Equatable {
        case never
        case known(Memory)
        case unusable(UnusableMemory)

        var memory: Memory? {
            if case .known(let memory) = self { return memory }
            return nil
        }
    }

    func recall() -> Recollection {
        var path = stateDirectory
        do {
            try requireOwnState()
            path = folder
            let directory = try Directory(path)
            path += "/" + name
            let file = try directory.open(name)
            let status = try file.status()
            try status.requireRegular(path)
            try status.requireOwn(path)
            try status.requireNotWritableByOthers(path)
            guard let memory = try Self.read(file) else {
                return .unusable(UnusableMemory(path: path, reason: .damaged))
            }
            return .known(memory)
        } catch FileError.missing {
            return .never
        } catch FileError.system("fstatat", stateDirectory, ENOTDIR) {
            // Below a file there never was a directory.
            return .never
        } catch {
            return .unusable(UnusableMemory(error, path: path))
        }
    }

    /// Remembers a state.
    ///
    /// - Parameter condition: asked under the lock, with what is remembered; false leaves it so.
    /// - Throws: what keeps it from being remembered. The vault still works, and an older copy of it is not
    ///   recognised.
    func write(
        _ memory: Memory, when condition: (Recollection) -> Bool = { _ in true }
    ) throws(FileError) {
        var bytes = Self.magic + [UInt8](repeating: 0, count: 12) + memory.keyID + memory.mac
        bytes.setLittleEndian(memory.epoch, at: 8)
        bytes.setLittleEndian(memory.generation, at: 12)
        bytes += Self.digest(bytes)
        do {
            try Directory.make(folder)
            try requireOwnState()
            let directory = try Directory(folder)
            let lock = try FileLock(".lock", in: directory, seconds: 2)
            defer { extendLifetime(lock) }
            guard condition(recall()) else { return }
            try Replacement(name: name).write(in: directory) { file in
                try file.write(bytes.rawSpan)
            } verify: { _ in
            }
        } catch let error as FileError {
            throw error
        } catch {
            preconditionFailure("no other error is thrown here")
        }
    }

    /// Who may write to the directory above could put another one in its place. It is not opened: the agent's
    /// sandbox lets it into the folders below alone.
    private func requireOwnState() throws(FileError) {
        let status = try FileStatus.following(stateDirectory)
        guard status.kind == FileStatus.directory else {
            throw .notRegular(path: stateDirectory, found: status.kind)
        }
        try status.requireOwn(stateDirectory)
        try status.requireNotWritableByOthers(stateDirectory)
    }

    /// Compares a file that was opened with what is remembered.
    ///
    /// - Throws: `revoked` when the file is of before a revocation that this machine saw.
    static func compare(
        _ header: VaultHeader, keyID: [UInt8], ancestors: [[UInt8]], with recollection: Recollection
    ) throws(ContentError) -> Freshness {
        let memory: Memory
        switch recollection {
        case .never: return .current
        case .unusable(let why): return .unverified(why)
        case .known(let known): memory = known
        }
        if header.epoch < memory.epoch || (header.epoch == memory.epoch && keyID != memory.keyID) {
            throw ContentError(reason: .revoked)
        }
        if header.mac == memory.mac || ancestors.contains(memory.mac) { return .current }
        return header.generation < memory.generation
            ? .rollback(seen: memory.generation, found: header.generation)
            : .fork(seen: memory.generation, found: header.generation)
    }

    /// What the header alone says, without proof, of a file that was not opened.
    static func compareUnproven(_ header: VaultHeader, with recollection: Recollection) -> Freshness {
        switch recollection {
        case .never: return .current
        case .unusable(let why): return .unverified(why)
        case .known(let memory):
            // Whether a file with a higher generation is a successor stands in its sealed part.
            if header.mac == memory.mac || header.generation > memory.generation { return .current }
            return header.generation < memory.generation
                ? .rollback(seen: memory.generation, found: header.generation)
                : .fork(seen: memory.generation, found: header.generation)
        }
    }

    private var folder: String { stateDirectory + "/vaults" }
    private var name: String { Hex.text(vaultID.span) }

    private static let magic: [UInt8] = Array("SRNGSTA1".utf8)
    private static let digestOffset = 84
    private static let count = digestOffset + 32

    /// Nil when the file is not what was written.
    private static func read(_ file: borrowing FileHandle) throws -> Memory? {
        var bytes = [UInt8](repeating: 0, count: count + 1)
        let got = try file.read(into: bytes.mutableRawSpan)
        guard got == count, bytes.starts(with: magic) else { return nil }
        let digest = digest(Array(bytes[..<digestOffset]))
        guard digest == Array(bytes[digestOffset..<count]) else { return nil }
        return Memory(
            epoch: bytes.littleEndian(at: 8), generation: bytes.littleEndian(at: 12),
            keyID: Array(bytes[20..<52]), mac: Array(bytes[52..<84]))
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        KeyedHash.digest(bytes.rawSpan)
    }
}

extension UnusableMemory {
    fileprivate init(_ error: any Error, path: String) {
        switch error as? FileError {
        case .foreignOwner: self.init(path: path, reason: .foreignOwner)
        case .writableByOthers: self.init(path: path, reason: .writableByOthers)
        case .notRegular, .symbolicLink: self.init(path: path, reason: .wrongKind)
        case .system(_, _, let code): self.init(path: path, reason: .unreadable, systemCode: code)
        default: self.init(path: path, reason: .unreadable)
        }
    }
}
