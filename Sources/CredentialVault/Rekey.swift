import SecureMemory
import VaultCrypto

/// What one derivation of the key from a passphrase costs.
public struct DerivationCost: Sendable, Equatable {
    /// Memory in KiB: 64 MiB to 2 GiB.
    public let memory: UInt32
    /// How often the memory is passed over: 3 to 16.
    public let passes: UInt32

    /// A cost, or nil when it is outside of the format's bounds.
    public init?(memory: UInt32, passes: UInt32) {
        let cost = PasswordHash.Cost(memory: memory, passes: passes)
        // A single slot may not ask for more than all slots of a file together.
        guard cost.isWithinBounds, cost.work <= PasswordHash.Cost.workLimit else { return nil }
        self.init(cost)
    }

    /// The least that the format allows: 64 MiB and 3 passes.
    public static let cheapest = DerivationCost(.cheapest)

    /// The cost that takes about a second here: up to 512 MiB and a quarter of the memory, at least 64 MiB,
    /// then more passes on a faster machine. Measures for about an eighth of that time.
    ///
    /// - Throws: ``VaultError/Reason/notEnoughMemory(needed:available:limit:)`` where not even 64 MiB fit.
    public static func calibrated() throws(VaultError) -> DerivationCost { try calibration().cost }

    /// What a new vault takes where memory is not scarce, in KiB.
    package static let usualMemory = PasswordHash.usualMemory

    /// A measured cost, and what made it take less memory than usual.
    package struct Calibration {
        package let cost: DerivationCost
        /// Bytes, and the limit that leaves no more; nil when memory did not matter.
        package let scarcity: (available: Int, limit: MemoryLimit)?
    }

    package static func calibration() throws(VaultError) -> Calibration {
        try calibration(AvailableMemory())
    }

    static func calibration(_ memory: AvailableMemory, seconds: Double = 1) throws(VaultError) -> Calibration
    {
        let least = Int(PasswordHash.Cost.memoryBounds.lowerBound) << 10 + DerivationGate.room
        let (total, available) = (memory.total(), memory.available())
        if let available, available.bytes < least {
            throw VaultError(
                .notEnoughMemory(needed: least, available: available.bytes, limit: available.limit), path: "")
        }
        let left = available.map { $0.bytes - DerivationGate.room } ?? .max
        let most = PasswordHash.mostMemory(total: total?.bytes ?? 2 << 30, available: left)
        do {
            let cost = try PasswordHash.calibrate(seconds: seconds, most: most)
            guard most < PasswordHash.usualMemory, cost.memory == most, let total, let available else {
                return Calibration(cost: DerivationCost(cost), scarcity: nil)
            }
            let figure = total.bytes / 4 < left ? total : available
            return Calibration(cost: DerivationCost(cost), scarcity: (figure.bytes, figure.limit))
        } catch { throw VaultError(error, path: "") }
    }

    init(_ cost: PasswordHash.Cost) {
        memory = cost.memory
        passes = cost.passes
    }

    var cost: PasswordHash.Cost { PasswordHash.Cost(memory: memory, passes: passes) }
}

/// Wraps a new vault key into the slots of a header.
enum Rekey {
    /// Fills slot 0 with the passphrase and slot 1 with the recovery code, and empties all others.
    static func wrap(
        _ vaultKey: borrowing SecretBytes, into header: inout VaultHeader, passphrase: borrowing SecretBytes,
        cost: DerivationCost, recoveryCode: borrowing RecoveryCode?, location: VaultLocation
    ) throws {
        guard (1...1024).contains(passphrase.count) else { throw VaultError(.passphraseLength, path: "") }
        let time = VaultStore.now()
        for index in 0..<VaultFormat.slots { header.setSlot(index, KeySlot()) }
        var slot = KeySlot.fresh(type: KeySlot.passphrase, cost: cost.cost, time: time)
        let derived = try DerivationGate(location).run(cost.cost) { () throws(CryptoError) in
            try PasswordHash.derive(passphrase: passphrase, salt: slot.salt, cost: cost.cost)
        }
        try slot.seal(vaultKey, under: derived, header: header)
        header.setSlot(0, slot)
        switch recoveryCode {
        case .some(let code):
            header.setSlot(1, try KeySlot.wrap(vaultKey, recoveryCode: code, header: header, time: time))
        case .none: return
        }
    }

    /// A slot that this version cannot wrap again would be lost by a new vault key.
    static func requireKnownSlots(_ header: VaultHeader) throws {
        let types = header.slots.map(\.type).filter { $0 != KeySlot.empty }
        let isKnown = types.allSatisfy { $0 == KeySlot.passphrase || $0 == KeySlot.recoveryCode }
        guard isKnown, types.count == Set(types).count else { throw VaultError(.foreignSlots, path: "") }
    }
}
