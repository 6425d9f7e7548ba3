import AWSValues
import SecureMemory
import VaultCrypto

/// One of the header's eight places that hold the vault key, wrapped.
struct KeySlot: Equatable {
    static let empty: UInt16 = 0
    static let passphrase: UInt16 = 1
    static let recoveryCode: UInt16 = 2

    private(set) var bytes: [UInt8]

    init(bytes: [UInt8]) {
        precondition(bytes.count == VaultFormat.slotCount)
        self.bytes = bytes
    }

    /// An empty slot.
    init() { self.init(bytes: [UInt8](repeating: 0, count: VaultFormat.slotCount)) }

    var type: UInt16 { bytes.littleEndian(at: 0) }
    var isEmpty: Bool { type == Self.empty }
    var salt: [UInt8] { Array(bytes[4..<20]) }
    var created: Int64 { bytes.littleEndian(at: 100) }

    var cost: PasswordHash.Cost {
        PasswordHash.Cost(memory: bytes.littleEndian(at: 20), passes: bytes.littleEndian(at: 24))
    }

    /// Whether the bytes are those that a writer of the format would have made.
    func check() throws(ContentError) {
        switch type {
        case Self.empty:
            guard bytes.allSatisfy({ $0 == 0 }) else { throw .damaged("an unused key slot is not blank") }
            return
        case Self.recoveryCode:
            guard cost.memory == 0, cost.passes == 0 else {
                throw .damaged("the key slot of the recovery code has a derivation cost")
            }
        case Self.passphrase: try checkCost()
        // A kind of a later version may derive its key in another way, at no cost of this kind.
        default: if cost.memory != 0 || cost.passes != 0 { try checkCost() }
        }
        let isKnown = type == Self.passphrase || type == Self.recoveryCode
        guard bytes[2] == 0, bytes[3] == 0, !isKnown || bytes[108...].allSatisfy({ $0 == 0 }) else {
            throw .damaged("reserved bytes of a key slot are not zero")
        }
        guard Timestamp.range.contains(created) else {
            throw .damaged("invalid creation time of a key slot")
        }
    }

    /// A slot that holds `vaultKey` under a key derived from a recovery code.
    static func wrap(
        _ vaultKey: borrowing SecretBytes, recoveryCode: borrowing RecoveryCode, header: VaultHeader,
        time: Int64
    ) throws(CryptoError) -> KeySlot {
        var slot = fresh(type: Self.recoveryCode, cost: nil, time: time)
        let derived = try slot.derive(recoveryCode)
        try slot.seal(vaultKey, under: derived, header: header)
        return slot
    }

    /// The vault key, or nil when the derived key is not this slot's.
    func unwrap(
        with derived: borrowing SecretBytes, header: VaultHeader
    ) throws(CryptoError) -> SecretBytes? {
        let key = try wrappingKey(derived, header: header)
        var box = try Sodium.allocateSecret(Self.wrappedCount)
        box.overwrite(at: 0, with: bytes.rawSpan.extracting(Self.wrapped))
        do {
            try SecretBox.open(box.mutableBytes, nonce: bytes.rawSpan.extracting(Self.nonce), key: key)
        } catch { return nil }
        do { return try box.copy(SecretBox.tagCount..<Self.wrappedCount) } catch { throw .memory(error) }
    }

    func derive(_ code: borrowing RecoveryCode) throws(CryptoError) -> SecretBytes {
        try KeyedHash.derive(key: code.bytes, message: salt.rawSpan, name: "sealring1-rec")
    }

    private static let wrappedCount = 48
    private static let nonce = 28..<52
    private static let wrapped = 52..<100

    private func checkCost() throws(ContentError) {
        guard cost.isWithinBounds else {
            throw ContentError(
                reason: .cost("a key slot asks for \(cost.memory) KiB and \(cost.passes) passes of Argon2id"))
        }
    }

    /// A slot with its own salt and nonce, and nothing sealed in it.
    static func fresh(type: UInt16, cost: PasswordHash.Cost?, time: Int64) -> KeySlot {
        var slot = KeySlot()
        slot.bytes.setLittleEndian(type, at: 0)
        slot.bytes.replace(at: 4, with: Sodium.randomPublicBytes(PasswordHash.saltCount))
        slot.bytes.setLittleEndian(cost?.memory ?? 0, at: 20)
        slot.bytes.setLittleEndian(cost?.passes ?? 0, at: 24)
        slot.bytes.replace(at: nonce.lowerBound, with: Sodium.randomPublicBytes(SecretBox.nonceCount))
        slot.bytes.setLittleEndian(time, at: 100)
        return slot
    }

    /// Seals the vault key into the slot.
    mutating func seal(
        _ vaultKey: borrowing SecretBytes, under derived: borrowing SecretBytes, header: VaultHeader
    ) throws(CryptoError) {
        let key = try wrappingKey(derived, header: header)
        var box = try Sodium.allocateSecret(Self.wrappedCount)
        box.overwrite(at: SecretBox.tagCount, with: vaultKey.bytes)
        SecretBox.seal(box.mutableBytes, nonce: bytes.rawSpan.extracting(Self.nonce), key: key)
        bytes.replace(at: Self.wrapped.lowerBound, with: [UInt8](box.bytes))
    }

    /// The key that wraps the vault key hangs on the vault, its epoch and every other byte of the slot.
    private func wrappingKey(
        _ derived: borrowing SecretBytes, header: VaultHeader
    ) throws(CryptoError) -> SecretBytes {
        var slot = bytes
        slot.replace(at: Self.wrapped.lowerBound, with: [UInt8](repeating: 0, count: Self.wrappedCount))
        let message = header.vaultID + Array(header.bytes[44..<48]) + slot
        return try KeyedHash.derive(key: derived, message: message.rawSpan, name: "sealring1-kek")
    }
}
