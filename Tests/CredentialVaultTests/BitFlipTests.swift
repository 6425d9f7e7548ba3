import SecureMemory
import TestSupport
import Testing
import VaultCrypto

@testable import CredentialVault

/// `SEALRING_ALL_BITS=1` flips every bit of the file instead of a sample; that takes some minutes.
@Suite("Flipped bits")
struct BitFlipTests {
    /// How far the reader of a flipped file is let.
    enum Mode: CaseIterable {
        /// The checksum is as it was.
        case plain
        /// The checksum was made right again, and the recovery code opens the file.
        case recoveryCode
        /// The checksum was made right again, and the passphrase opens the file.
        case passphrase
        /// The vault key is at hand, and the checksum is not looked at.
        case key
    }

    @Test("a single flipped bit is refused, whatever opens the file", arguments: Mode.allCases)
    func flips(mode: Mode) throws {
        let scratch = try PassphraseVault.copy()
        let opener = try Opener(scratch)
        // Nothing below means anything unless the file opens as it is.
        try opener.open(mode)
        let bytes = try scratch.read()
        var random = SeededRandom()
        let bits = Self.bits(of: bytes.count, mode: mode, using: &random)
        var accepted: [Int] = []
        for bit in bits {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            if mode == .recoveryCode || mode == .passphrase { flipped.repairDigest() }
            try scratch.write(flipped)
            if opener.accepts(mode) { accepted.append(bit) }
        }
        #expect(accepted.isEmpty, "seed \(random.seed), first bit \(accepted.first ?? 0)")
    }

    @Test(
        "a flipped bit in what the passphrase is hashed with is refused",
        arguments: [4 * 8, 19 * 8 + 7, 20 * 8 + 3, 24 * 8 + 2])
    func cost(bit: Int) throws {
        let scratch = try PassphraseVault.copy()
        try scratch.patch { $0[128 + bit / 8] ^= 1 << UInt8(bit % 8) }
        #expect(reason { _ = try scratch.open(passphrase: PassphraseVault.passphrase) } == .wrongPassphrase)
        #expect(isDamaged(reason { _ = try scratch.open() }))
    }

    /// The bits to flip: those that are looked at before any key make up half of a sample.
    private static func bits(of count: Int, mode: Mode, using random: inout SeededRandom) -> [Int] {
        // A checksum that nobody looks at, or that was made right again, says nothing.
        let end = mode == .plain ? count : count - VaultFormat.digestCount
        if environment("SEALRING_ALL_BITS") == "1" { return Array(0..<(end * 8)) }
        let slots = [range(ofSlot: 0), range(ofSlot: 1)].flatMap {
            Array($0.prefix(4)) + $0.dropFirst(28).prefix(82)
        }
        let dense = Array(0..<128) + slots + (VaultFormat.macOffset..<(VaultFormat.headerCount + 64))
        return (0..<1000).map { _ in dense[Int.random(in: dense.indices, using: &random)] * 8 }.map {
            $0 + Int.random(in: 0..<8, using: &random)
        } + (0..<1000).map { _ in Int.random(in: 0..<(end * 8), using: &random) }
    }
}

/// Opens the shared vault as its owner would, but derives the key from the passphrase only once.
private struct Opener: ~Copyable {
    private let location: VaultLocation
    private let slot: KeySlot
    private let derived: SecretBytes
    private let vaultKey: SecretBytes
    private let recoveryCode: RecoveryCode

    init(_ scratch: Scratch) throws {
        let header = try SealedVault.read(scratch.location).header
        let slot = header.slots[0]
        let passphrase = try secret(PassphraseVault.passphrase)
        let derived = try PasswordHash.derive(passphrase: passphrase, salt: slot.salt, cost: slot.cost)
        guard let key = try slot.unwrap(with: derived, header: header) else {
            throw VaultError(.wrongPassphrase, path: "")
        }
        recoveryCode = try code()
        location = scratch.location
        self.slot = slot
        self.derived = derived
        vaultKey = key
    }

    func accepts(_ mode: BitFlipTests.Mode) -> Bool {
        do { try open(mode) } catch { return false }
        return true
    }

    func open(_ mode: BitFlipTests.Mode) throws {
        switch mode {
        case .plain: _ = try SealedVault.read(location)
        case .recoveryCode: _ = try SealedVault.read(location).unlock(recoveryCode: recoveryCode)
        case .passphrase: try openWithPassphrase()
        case .key:
            _ = try SealedVault(location, checkingDigest: false).open(vaultKey.copy(0..<32), isRead: true)
        }
    }

    /// The steps of `unlock(passphrase:)`, which is called itself where another key would be derived.
    private func openWithPassphrase() throws {
        let sealed = try SealedVault.read(location)
        let (header, slots) = (sealed.header, sealed.header.slots.filter { $0.type == KeySlot.passphrase })
        guard slots.allSatisfy({ $0.salt == slot.salt && $0.cost == slot.cost }) else {
            let passphrase = try secret(PassphraseVault.passphrase)
            _ = try sealed.unlock(passphrase: passphrase)
            return
        }
        for slot in slots {
            guard let key = try slot.unwrap(with: derived, header: header) else { continue }
            _ = try sealed.open(key)
            return
        }
        throw VaultError(.wrongPassphrase, path: "")
    }
}
