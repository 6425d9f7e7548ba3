import SecureMemory
import TestSupport
import Testing
import VaultCrypto

struct SecretBoxTests {
    @Test("sealing in place gives what PyNaCl gives", arguments: KnownAnswers.boxes)
    func seals(_ answer: KnownAnswers.Box) throws {
        var box = [UInt8](repeating: 0, count: SecretBox.tagCount) + bytes(answer.text)
        try seal(&box, answer)
        #expect(box == bytes(answer.box))
    }

    @Test("opening in place gives the text back", arguments: KnownAnswers.boxes)
    func opens(_ answer: KnownAnswers.Box) throws {
        var box = bytes(answer.box)
        try open(&box, answer)
        #expect(Array(box[SecretBox.tagCount...]) == bytes(answer.text))
    }

    @Test("a box with any one bit flipped is refused and left as it was", arguments: KnownAnswers.boxes)
    func tampered(_ answer: KnownAnswers.Box) throws {
        let box = bytes(answer.box)
        for position in 0..<(box.count * 8) {
            var flipped = box
            flipped[position / 8] ^= 1 << (position % 8)
            let before = flipped
            #expect(throws: CryptoError.notAuthentic, "bit \(position)") { try open(&flipped, answer) }
            #expect(flipped == before)
        }
    }

    @Test("a box that was cut or extended is refused", arguments: KnownAnswers.boxes)
    func cut(_ answer: KnownAnswers.Box) throws {
        let box = bytes(answer.box)
        for count in 0..<box.count {
            var cut = Array(box[..<count])
            #expect(throws: CryptoError.notAuthentic, "\(count) bytes") { try open(&cut, answer) }
        }
        var extended = box + [0]
        #expect(throws: CryptoError.notAuthentic) { try open(&extended, answer) }
    }

    @Test("another key or another nonce opens nothing")
    func otherKey() throws {
        let (one, other) = (KnownAnswers.boxes[4], KnownAnswers.boxes[5])
        for wrong in [
            KnownAnswers.Box(key: other.key, nonce: one.nonce, text: "", box: ""),
            KnownAnswers.Box(key: one.key, nonce: other.nonce, text: "", box: ""),
        ] {
            var box = bytes(one.box)
            #expect(throws: CryptoError.notAuthentic) { try open(&box, wrong) }
        }
    }

    private func seal(_ box: inout [UInt8], _ answer: KnownAnswers.Box) throws {
        let key = try secret(bytes(answer.key))
        let nonce = bytes(answer.nonce)
        SecretBox.seal(box.mutableRawSpan, nonce: nonce.rawSpan, key: key)
    }

    private func open(_ box: inout [UInt8], _ answer: KnownAnswers.Box) throws {
        let key = try secret(bytes(answer.key))
        let nonce = bytes(answer.nonce)
        try SecretBox.open(box.mutableRawSpan, nonce: nonce.rawSpan, key: key)
    }
}
