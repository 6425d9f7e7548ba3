import DurableFiles
import Platform
import SecureMemory
import TestSupport
import Testing
import VaultCrypto

@testable import CredentialVault

@Suite("Sealed state")
struct SealedStateFileTests {
    let scratch = Scratch()
    private var file: SealedStateFile {
        .sessions(of: [UInt8](repeating: 0xCD, count: 16), scratch.location)
    }
    private var name: String { "state/sessions/" + String(repeating: "cd", count: 16) }

    private func seal(_ text: String, _ key: borrowing SecretBytes) throws {
        let isSealed = file.replace(key, seconds: 1) {
            var buffer = try SecretBuffer(capacity: 64, limit: 64)
            let isAppended = try buffer.append(text.utf8.span.rawSpan)
            #expect(isAppended)
            return buffer
        }
        #expect(isSealed)
    }

    private func content(_ key: borrowing SecretBytes) -> [UInt8]? {
        switch file.read(key) {
        case .some(let content): content.exposed
        case .none: nil
        }
    }

    @Test("the same content is sealed with another nonce each time")
    func nonce() throws {
        let key = try Sodium.randomSecret(32)
        var nonces: Set<[UInt8]> = []
        for _ in 0..<8 {
            try seal("the same", key)
            nonces.insert(Array(try scratch.read(name)[8..<32]))
        }
        #expect(nonces.count == 8)
        #expect(content(key) == Array("the same".utf8))
    }

    @Test("a file of any size, or of another user, is not read")
    func foreign() throws {
        let key = try Sodium.randomSecret(32)
        try seal("sessions", key)
        if geteuid() == 0 {
            try #require(unsafe chown(scratch(name), 65534, 65534) == 0)
            #expect(content(key) == nil)
            try #require(unsafe chown(scratch(name), 0, 0) == 0)
        }
        #expect(content(key) != nil)
        for size in [1 << 21, 1 << 43] where unsafe truncate(scratch(name), size) == 0 {
            #expect(content(key) == nil)
        }
    }
}
