import SecureMemory
import VaultCrypto

/// The first 8192 bytes of a vault file. None of them is a secret.
package struct VaultHeader: Equatable {
    package private(set) var bytes: [UInt8]

    /// An empty header of a new vault with its own random id.
    init() {
        bytes = [UInt8](repeating: 0, count: VaultFormat.headerCount)
        bytes.replace(at: 0, with: VaultFormat.magic)
        bytes.setLittleEndian(VaultFormat.major, at: 8)
        bytes.setLittleEndian(VaultFormat.minor, at: 10)
        bytes.replace(at: 16, with: Sodium.randomPublicBytes(16))
    }

    /// Checks the bytes of a header by themselves: nothing is derived, and nothing else is read.
    package init(parsing bytes: [UInt8]) throws(ContentError) {
        precondition(bytes.count == VaultFormat.headerCount)
        self.bytes = bytes
        guard bytes.starts(with: VaultFormat.magic) else { throw .damaged("it is not a Sealring vault") }
        let major: UInt16 = bytes.littleEndian(at: 8)
        guard major == VaultFormat.major else {
            throw ContentError(reason: .unsupported("format \(major) is newer than this program"))
        }
        let flags: UInt32 = bytes.littleEndian(at: 12)
        guard flags == 0 else { throw ContentError(reason: .unsupported("unknown flags in the header")) }
        guard generation >= 1 else { throw .damaged("its count of saves is 0") }
        guard bytes[72..<VaultFormat.preambleCount].allSatisfy({ $0 == 0 }) else {
            throw .damaged("reserved bytes of the header are not zero")
        }
        guard VaultFormat.isBodyCount(bodyCount) else { throw .damaged("invalid size of its content") }
        var work: UInt64 = 0
        for slot in slots {
            try slot.check()
            work += slot.cost.work
        }
        guard work <= PasswordHash.Cost.workLimit else {
            throw ContentError(reason: .cost("its key slots together ask for more than 16 GiB times passes"))
        }
    }

    var minor: UInt16 { bytes.littleEndian(at: 10) }
    var vaultID: [UInt8] { Array(bytes[16..<32]) }
    var mac: [UInt8] { Array(bytes[VaultFormat.macOffset...]) }

    var generation: UInt64 {
        get { bytes.littleEndian(at: 32) }
        set { bytes.setLittleEndian(newValue, at: 32) }
    }

    /// The size of the body with its tag.
    var bodyCount: Int {
        get { Int(bytes.littleEndian(at: 40, as: UInt32.self)) }
        set { bytes.setLittleEndian(UInt32(newValue), at: 40) }
    }

    /// Counts a save.
    mutating func countSave() throws(ContentError) {
        guard generation < .max else { throw ContentError(reason: .exhausted) }
        generation += 1
    }

    /// Counts a new vault key.
    mutating func countRekey() throws(ContentError) {
        guard epoch < .max else { throw ContentError(reason: .exhausted) }
        epoch += 1
    }

    var epoch: UInt32 {
        get { bytes.littleEndian(at: 44) }
        set { bytes.setLittleEndian(newValue, at: 44) }
    }

    var bodyNonce: [UInt8] {
        get { Array(bytes[48..<72]) }
        set { bytes.replace(at: 48, with: newValue) }
    }

    var slots: [KeySlot] {
        (0..<VaultFormat.slots).map { KeySlot(bytes: Array(bytes[Self.range(ofSlot: $0)])) }
    }

    mutating func setSlot(_ index: Int, _ slot: KeySlot) {
        bytes.replace(at: Self.range(ofSlot: index).lowerBound, with: slot.bytes)
    }

    /// What the MAC is computed over.
    var authenticatedBytes: RawSpan {
        @_lifetime(borrow self)
        get { bytes.rawSpan.extracting(first: VaultFormat.macOffset) }
    }

    mutating func setMAC(_ mac: [UInt8]) { bytes.replace(at: VaultFormat.macOffset, with: mac) }

    private static func range(ofSlot index: Int) -> Range<Int> {
        let start = VaultFormat.preambleCount + index * VaultFormat.slotCount
        return start..<(start + VaultFormat.slotCount)
    }
}
