import DurableFiles
import SecureMemory
import TestSupport
import Testing
import VaultCrypto

@testable import CredentialVault

/// The code that opens every vault that ``Scratch/seal(_:adjust:)`` makes, and one that opens none of them.
let codeText = "000G-40R4-0M30-E209-185G-R38E-1W81-24GK-BNCG"
let otherCodeText = "CHJP-CSV8-D5N6-PV3D-DSQQ-0WBJ-EDT7-AXKQ-KPHG"

func code(_ text: String = codeText) throws -> RecoveryCode { try RecoveryCode(text: secret(text)) }

extension Scratch {
    /// Seals a vault that only a recovery code opens: nothing costly is derived.
    ///
    /// - Parameter adjust: changes the header before the vault is sealed.
    func seal(
        _ content: TestContent = TestContent(), adjust: (inout VaultHeader) -> Void = { _ in }
    ) throws {
        var contents = try content.read()
        let keys = try VaultKeys.random()
        var header = VaultHeader()
        adjust(&header)
        header.setSlot(
            0, try KeySlot.wrap(keys.vaultKey, recoveryCode: code(), header: header, time: 1_700_000_000))
        _ = try VaultStore.save(
            &contents, header: header, previousMAC: nil, keys: keys, location: location,
            in: Directory(path), previous: .kept)
    }

    /// Opens the vault with the recovery code.
    func open(_ text: String = codeText) throws -> Vault {
        try SealedVault.read(location).unlock(recoveryCode: code(text))
    }

    func open(passphrase: String) throws -> Vault {
        try SealedVault.read(location).unlock(passphrase: secret(passphrase))
    }

    /// Changes bytes of the vault file and makes its checksum right again, as an attacker would.
    func patch(_ change: (inout [UInt8]) throws -> Void) throws {
        var bytes = try read()
        try change(&bytes)
        bytes.repairDigest()
        try write(bytes)
    }
}

extension Array<UInt8> {
    /// Makes the checksum at the end right for the bytes before it.
    mutating func repairDigest() {
        guard count >= VaultFormat.digestCount else { return }
        removeLast(VaultFormat.digestCount)
        append(contentsOf: digest(self))
    }
}

func digest(_ bytes: [UInt8]) -> [UInt8] { KeyedHash.digest(bytes.rawSpan) }

/// The bytes of a slot in a file.
func range(ofSlot index: Int) -> Range<Int> { (128 + index * 1004)..<(128 + (index + 1) * 1004) }

/// Why `body` fails; nil when it does not.
func reason(_ body: () throws -> Void) -> VaultError.Reason? {
    do {
        try body()
    } catch let error as VaultError {
        return error.reason
    } catch let error as ContentError {
        return error.reason
    } catch {
        Issue.record(error)
    }
    return nil
}

/// Whether the vault is damaged, in whatever words.
func isDamaged(_ reason: VaultError.Reason?) -> Bool {
    if case .damaged = reason { return true }
    return false
}

/// What the file error behind a failure is.
func fileError(_ body: () throws -> Void) -> FileError? {
    do { try body() } catch let error as VaultError { return error.file } catch { return nil }
    return nil
}

extension VaultContents {
    /// Adds an access key with a made-up secret.
    mutating func addKey(_ name: String, secret text: String = "made-up", replacing: Bool = false) throws {
        let entry = Entry(name: name, accessKeyID: "AKIAIOSFODNN7EXAMPLE")
        try add(entry, secretAccessKey: TestSupport.secret(text), replacing: replacing)
    }

    func known(_ name: String) throws -> Entry {
        let entry = entry(named: name)
        return try #require(entry)
    }

    func secretText(of name: String) throws -> String {
        let secrets = try secrets(of: name)
        return secrets.secretAccessKey.text() ?? ""
    }
}
