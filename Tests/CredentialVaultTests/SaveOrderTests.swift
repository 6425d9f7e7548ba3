import DurableFiles
import Platform
import SecureMemory
import TestSupport
import Testing

@testable import CredentialVault

/// What is checked between the writing of a new file and the moment when it takes the vault's place.
@Suite("Saving")
struct SaveOrderTests {
    let scratch = Scratch()

    @Test(
        "what comes back from the disk is compared with what was written",
        arguments: [0, 40, 8191, 8192, 9000, -33, -32, -1])
    func readBack(position: Int) throws {
        try scratch.seal()
        let bytes = try scratch.read()
        let header = try SealedVault.readHeader(scratch.location)
        var flipped = bytes
        flipped[position < 0 ? bytes.count + position : position] ^= 1
        try scratch.write(flipped)
        #expect(isDamaged(reason { try readBack(bytes, header) }))
        try scratch.write(bytes)
        try readBack(bytes, header)
    }

    @Test("a file that is shorter or longer than what was written is not taken", arguments: [-1, 1])
    func length(difference: Int) throws {
        try scratch.seal()
        let bytes = try scratch.read()
        let header = try SealedVault.readHeader(scratch.location)
        try scratch.write(difference < 0 ? bytes.dropLast(1) : bytes + [0])
        #expect(isDamaged(reason { try readBack(bytes, header) }))
    }

    /// Reads the vault's file back as a save does: into the buffer that was written, whose own bytes are right.
    private func readBack(_ written: [UInt8], _ header: VaultHeader) throws {
        var buffer = try secret(written)
        try VaultStore.read(FileHandle.open(scratch("vault")), into: &buffer, expecting: header)
    }

    @Test("an image is not put over a state that it does not follow")
    func otherState() throws {
        try scratch.seal()
        var vault = try scratch.open()
        let keyed = try KeyedVault(
            scratch.location, vaultKey: vault.withVaultKey { try $0.copy(0..<$0.count) })
        let image = try keyed.image(applying: VaultChanges(), acceptingRollback: false)
        try vault.update { try $0.addKey("one") }
        let now = try scratch.read()
        let mac = try SealedVault.readHeader(scratch.location).mac
        for after in [keyed.headerMAC, mac] {
            let writer = try VaultWriter(scratch.location)
            #expect(isDamaged(reason { _ = try writer.publish(image, after: after) }))
        }
        #expect(try scratch.read() == now)
        // The next number alone does not make it the next state.
        let next = try KeyedVault(
            scratch.location, vaultKey: vault.withVaultKey { try $0.copy(0..<$0.count) }
        ).image(applying: VaultChanges(), acceptingRollback: false)
        let writer = try VaultWriter(scratch.location)
        #expect(isDamaged(reason { _ = try writer.publish(next, after: keyed.headerMAC) }))
        #expect(try scratch.read() == now)
    }

    @Test("a file that another process saved while the key was derived is the one that is opened")
    func secondLook() throws {
        try scratch.seal()
        let read = try SealedVault.read(scratch.location)
        var other = try scratch.open()
        try other.update { try $0.addKey("new") }
        let opened = try read.unlock(recoveryCode: code())
        #expect(opened.freshness == .current && opened.contents.names == ["new"])
    }

    @Test("a change looks whether the machine has seen a newer file than the one that is there")
    func seenMeanwhile() throws {
        try scratch.seal()
        let vault = try scratch.open()
        var keyed = try KeyedVault(
            scratch.location, vaultKey: vault.withVaultKey { try $0.copy(0..<$0.count) })
        let newer = FreshnessStore.Memory(
            epoch: 0, generation: 9, keyID: keyed.keyID, mac: [UInt8](repeating: 1, count: 32))
        try FreshnessStore(stateDirectory: scratch.location.stateDirectory, vaultID: keyed.vaultID).write(
            newer)
        try keyed.refresh()
        #expect(keyed.freshness == .current, "the file is the same, and is not looked at again")
        try keyed.refreshAndReview()
        #expect(keyed.freshness == .rollback(seen: 9, found: 1))
    }

    @Test("a vault with two slots of one kind gets no new key, which would drop one of them")
    func twoSlotsOfAKind() throws {
        try scratch.seal { header in
            header.setSlot(1, KeySlot.fresh(type: KeySlot.recoveryCode, cost: nil, time: 1))
        }
        var vault = try scratch.open()
        let before = try scratch.read()
        #expect(
            reason { try vault.rekey(passphrase: secret("new"), cost: .cheapest, recoveryCode: nil) }
                == .foreignSlots)
        #expect(try scratch.read() == before)
    }

    @Test("a change of the contents that leaves a role without its key is not saved")
    func danglingReference() throws {
        try scratch.seal()
        var vault = try scratch.open()
        try vault.update { contents in
            try contents.addKey("prod")
            try contents.add(
                Role(name: "admin", roleARN: "arn:aws:iam::123456789012:role/Admin", source: "prod"))
        }
        let before = try scratch.read()
        #expect(
            reason { try vault.update { try $0.remove("prod") } } == .inUse("prod", by: "admin", as: .source))
        #expect(try scratch.read() == before && vault.contents.names == ["prod"])
    }

    @Test("a file of more than 4 MiB is refused for its size, before anything else of it is believed")
    func tooLarge() throws {
        try scratch.seal()
        try #require(unsafe truncate(scratch("vault"), (4 << 20) + 1) == 0)
        #expect(
            reason { _ = try SealedVault.read(scratch.location) } == .damaged("it has more than 4 MiB"))
    }
}
