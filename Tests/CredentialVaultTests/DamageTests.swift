import SecureMemory
import TestSupport
import Testing
import VaultCrypto

@testable import CredentialVault

@Suite("Damaged and rearranged files")
struct DamageTests {
    /// The sizes of the parts of the file, one less and one more.
    static let cuts = [
        0, 1, 7, 8, 9, 127, 128, 129, 1131, 1132, 8159, 8160, 8191, 8192, 8193, 8208, 8223, 8224, 8225,
        16_384,
        24_575, 24_591, 24_592, 24_608, 24_623,
    ]

    @Test("a file that was cut off is damaged, even with its checksum made right", arguments: cuts)
    func truncated(count: Int) throws {
        let scratch = try PassphraseVault.copy()
        try scratch.write(Array(scratch.read().prefix(count)))
        #expect(isDamaged(reason { _ = try SealedVault.read(scratch.location) }))
        try scratch.patch { _ in }
        #expect(isDamaged(reason { _ = try SealedVault.read(scratch.location) }))
    }

    @Test(
        "a file that was made longer is damaged, even with its checksum made right",
        arguments: [1, 31, 32, 33, 16 << 10, 4 << 20, 5 << 20])
    func extended(more: Int) throws {
        let scratch = try PassphraseVault.copy()
        try scratch.write(scratch.read() + [UInt8](repeating: 0, count: more))
        #expect(isDamaged(reason { _ = try SealedVault.read(scratch.location) }))
        try scratch.patch { _ in }
        #expect(isDamaged(reason { _ = try SealedVault.read(scratch.location) }))
    }

    @Test("a body of another size is not authentic, even where header and checksum fit it")
    func resized() throws {
        let scratch = try PassphraseVault.copy()
        try scratch.patch { bytes in
            bytes += [UInt8](repeating: 0, count: 16 << 10)
            bytes.setLittleEndian(UInt32(32 << 10 + 16), at: 40)
        }
        _ = try SealedVault.read(scratch.location)
        #expect(isDamaged(reason { _ = try scratch.open() }))
    }

    @Test("the body of a later save does not fit an earlier header")
    func mixed() throws {
        let scratch = try PassphraseVault.copy()
        let earlier = try scratch.read()
        var vault = try scratch.open()
        try vault.update { try $0.addKey("new") }
        try scratch.patch { $0.replaceSubrange(..<8192, with: earlier[..<8192]) }
        #expect(isDamaged(reason { _ = try scratch.open() }))
    }

    @Test("slots that changed places, were doubled, emptied or exchanged are refused")
    func slots() throws {
        let (first, second, third) = (range(ofSlot: 0), range(ofSlot: 1), range(ofSlot: 2))
        let changes: [(inout [UInt8]) -> Void] = [
            { bytes in
                let moved = Array(bytes[first])
                bytes.replaceSubrange(first, with: bytes[second])
                bytes.replaceSubrange(second, with: moved)
            },
            { $0.replaceSubrange(third, with: $0[first]) }, { $0.replaceSubrange(third, with: $0[second]) },
            { $0.replaceSubrange(first, with: $0[second]) },
            { $0.replaceSubrange(first, with: [UInt8](repeating: 0, count: 1004)) },
        ]
        for change in changes {
            let scratch = try PassphraseVault.copy()
            try scratch.patch(change)
            #expect(isDamaged(reason { _ = try scratch.open() }))
        }
    }

    @Test("a header without the right MAC is refused, even where the body was sealed for it")
    func mac() throws {
        let scratch = Scratch()
        try scratch.seal()
        let header = try SealedVault.read(scratch.location).header
        let derived = try header.slots[0].derive(code())
        guard let key = try header.slots[0].unwrap(with: derived, header: header) else {
            Issue.record("the slot does not open")
            return
        }
        let keys = try VaultKeys(key)
        for isRight in [true, false] {
            var changed = header
            changed.generation = 9
            changed.setMAC(isRight ? keys.mac(of: changed) : header.mac)
            var box = [UInt8](repeating: 0, count: 16) + padded(TestContent().bytes)
            let bodyKey = try keys.bodyKey(for: changed)
            SecretBox.seal(box.mutableRawSpan, nonce: header.bodyNonce.rawSpan, key: bodyKey)
            try scratch.patch { $0 = changed.bytes + box + [UInt8](repeating: 0, count: 32) }
            #expect(isDamaged(reason { _ = try scratch.open() }) != isRight)
        }
    }

    @Test("another vault's slot opens nothing")
    func foreignSlot() throws {
        let (one, other) = (Scratch(), Scratch())
        try one.seal()
        try other.seal()
        let slot = try other.read()[range(ofSlot: 0)]
        try one.patch { $0.replaceSubrange(range(ofSlot: 0), with: slot) }
        #expect(reason { _ = try one.open() } == .wrongRecoveryCode)
        let id = try other.read()[16..<32]
        try one.patch { $0.replaceSubrange(16..<32, with: id) }
        #expect(isDamaged(reason { _ = try one.open() }))
    }
}
