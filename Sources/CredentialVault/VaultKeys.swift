import SecureMemory
import VaultCrypto

/// The vault key and what is derived from it once.
struct VaultKeys: ~Copyable {
    let vaultKey: SecretBytes
    /// Names the key in state files and reveals nothing of it.
    let keyID: [UInt8]
    private let macKey: SecretBytes

    init(_ vaultKey: consuming SecretBytes) throws(CryptoError) {
        let macKey = try KeyedHash.derive(key: vaultKey, message: RawSpan(), name: "sealring1-mac")
        keyID = KeyedHash.code(key: vaultKey, message: RawSpan(), name: "sealring1-kid")
        self.macKey = macKey
        self.vaultKey = vaultKey
    }

    /// A new random vault key.
    static func random() throws(CryptoError) -> VaultKeys { try VaultKeys(Sodium.randomSecret(32)) }

    func mac(of header: VaultHeader) -> [UInt8] {
        KeyedHash.code(key: macKey, message: header.authenticatedBytes)
    }

    func authenticates(_ header: VaultHeader) -> Bool {
        Sodium.equal(mac(of: header).rawSpan, header.mac.rawSpan)
    }

    func bodyKey(for header: VaultHeader) throws(CryptoError) -> SecretBytes {
        try KeyedHash.derive(key: vaultKey, message: header.bytes.rawSpan, name: "sealring1-body")
    }

    func memory(of header: VaultHeader) -> FreshnessStore.Memory {
        FreshnessStore.Memory(
            epoch: header.epoch, generation: header.generation, keyID: keyID, mac: header.mac)
    }
}
