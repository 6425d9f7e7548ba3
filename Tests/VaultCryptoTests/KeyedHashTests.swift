import SecureMemory
import TestSupport
import Testing
import VaultCrypto

struct KeyedHashTests {
    @Test(
        "a derived key is what hashlib gives for key and personal string",
        arguments: KnownAnswers.hashes.filter { !$0.key.isEmpty })
    func derives(_ answer: KnownAnswers.Hash) throws {
        let key = try secret(bytes(answer.key))
        let message = bytes(answer.message)
        let derived = try KeyedHash.derive(key: key, message: message.rawSpan, name: answer.name)
        #expect(derived.exposed == bytes(answer.digest))
        let code = KeyedHash.code(key: key, message: message.rawSpan, name: answer.name)
        #expect(code == bytes(answer.digest))
    }

    @Test("a digest is what hashlib gives without a key", arguments: KnownAnswers.hashes.prefix(2))
    func digests(_ answer: KnownAnswers.Hash) {
        let digest = KeyedHash.digest(bytes(answer.message).rawSpan)
        #expect(digest == bytes(answer.digest))
    }

    @Test("the name is part of the hash")
    func names() throws {
        let key = try secret([UInt8](repeating: 7, count: 32))
        let one = try KeyedHash.derive(key: key, message: RawSpan(), name: "sealring1-mac")
        let other = try KeyedHash.derive(key: key, message: RawSpan(), name: "sealring1-kid")
        #expect(one.exposed != other.exposed)
    }

    @Test(
        "bytes are equal when all of them are",
        arguments: [
            ([], [], true), ([1, 2], [1, 2], true), ([1, 2], [1, 3], false), ([1], [1, 2], false),
            ([0], [], false),
        ] as [([UInt8], [UInt8], Bool)])
    func equality(one: [UInt8], other: [UInt8], expected: Bool) {
        #expect(Sodium.equal(one.rawSpan, other.rawSpan) == expected)
    }

    @Test("random bytes are as many as were asked for, and not the same twice", arguments: [0, 16, 24, 100])
    func random(count: Int) throws {
        let (one, other) = (Sodium.randomPublicBytes(count), try Sodium.randomSecret(count).exposed)
        #expect(one.count == count && other.count == count)
        #expect(count == 0 || one != other)
    }
}
