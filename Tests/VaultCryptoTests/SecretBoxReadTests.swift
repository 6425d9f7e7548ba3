import SecureMemory
import Testing
import VaultCrypto

struct SecretBoxReadTests {
    @Test("a part of a box reads as the whole box does, wherever it begins and ends")
    func parts() throws {
        let key = try Sodium.randomSecret(SecretBox.keyCount)
        let nonce = Sodium.randomPublicBytes(SecretBox.nonceCount)
        let message = Sodium.randomPublicBytes(700)
        var box = [UInt8](repeating: 0, count: SecretBox.tagCount) + message
        SecretBox.seal(box.mutableRawSpan, nonce: nonce.rawSpan, key: key)
        for start in [0, 1, 31, 32, 33, 63, 64, 95, 96, 97, 500, 699] {
            for end in [start, start + 1, start + 63, start + 64, start + 65, 700]
            where end <= 700 && end >= start {
                let room = SecretBox.roomToRead(end - start, at: start)
                var target = [UInt8](repeating: 0, count: room + 8)
                let part = (start + SecretBox.tagCount)..<(end + SecretBox.tagCount)
                let range = SecretBox.read(
                    box.rawSpan.extracting(part), at: start, into: target.mutableRawSpan,
                    nonce: nonce.rawSpan, key: key)
                #expect(Array(target[range]) == Array(message[start..<end]), "\(start)..<\(end)")
                #expect(target[room...].allSatisfy { $0 == 0 })
            }
        }
    }
}
