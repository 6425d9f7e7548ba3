import CredentialVault
import ProgramSupport
import SecureMemory
import TestSupport
import Testing

@testable import VaultClient

/// The MFA device of a key's user, with and without its seed.
struct DeviceChangeTests {
    private static let device = "arn:aws:iam::123456789012:mfa/ann"
    private static let seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

    private let vault: MemoryVault
    private let scratch = Scratch()

    init() throws {
        vault = try MemoryVault()
        try vault.add(Entry(name: "prod", accessKeyID: FakeIAM.id(1)), secret: "made-up")
        try vault.add(Role(name: "admin", roleARN: "arn:aws:iam::123456789012:role/A", source: "prod"))
        try vault.change("prod") { $0.accountID = nil }
    }

    private func set(
        _ name: String = "prod", serial: String? = device, asksSeed: Bool = false, isForced: Bool = false
    ) throws {
        let change = DeviceChange(
            name: name, serial: serial, asksSeed: asksSeed, seedFile: nil, isForced: isForced)
        try change.set(nil, in: vault, acceptingRollback: false)
    }

    @Test("a device is set, and tells the account of a key that has none")
    func device() throws {
        try set()
        let entry = try #require(vault["prod"])
        #expect(entry.mfaSerial == Self.device && entry.accountID == "123456789012")
        #expect(!entry.hasOneTimeCodeSeed)
        #expect(
            vault.recorder.said("note") == [
                "set the MFA device of prod", "set the account of prod to 123456789012, from its MFA device",
            ])
    }

    @Test("a device of another account is refused")
    func account() throws {
        try vault.change("prod") { $0.accountID = "210987654321" }
        let failure = #expect(throws: Failure.self) { try set() }
        #expect(failure?.code == .usage && vault["prod"]?.mfaSerial == nil)
    }

    @Test("a seed is asked for after a yes, and again where it is malformed")
    func seed() throws {
        vault.recorder.confirmations = [true]
        vault.recorder.answers = ["no seed!", Self.seed]
        try set(asksSeed: true)
        #expect(vault["prod"]?.hasOneTimeCodeSeed == true && vault["prod"]?.mfaSerial == Self.device)
        #expect(vault.recorder.questions.count == 3)
        // The device that is named already keeps its name.
        vault.recorder.answers = [Self.seed]
        try set(serial: nil, asksSeed: true, isForced: true)
        #expect(vault["prod"]?.mfaSerial == Self.device)
        #expect(vault.recorder.said("note").last == "sealed the seed of prod's MFA device")
    }

    @Test("the seed of another device is replaced, or stays with its device")
    func otherDevice() throws {
        vault.recorder.answers = [Self.seed, Self.seed]
        try set(asksSeed: true, isForced: true)
        let failure = #expect(throws: Failure.self) { try set(serial: Self.device + "2") }
        #expect(failure?.code == .exists && vault["prod"]?.mfaSerial == Self.device)
        try set(serial: Self.device + "2", asksSeed: true, isForced: true)
        #expect(vault["prod"]?.mfaSerial == Self.device + "2")
    }

    @Test("after a no nothing is changed")
    func declined() throws {
        vault.recorder.confirmations = [false]
        #expect(throws: Failure.self) { try set(asksSeed: true) }
        #expect(vault["prod"]?.mfaSerial == nil)
    }

    @Test("a seed from a file is sealed without a question about it")
    func file() throws {
        let change = DeviceChange(
            name: "prod", serial: Self.device, asksSeed: false, seedFile: scratch("seed"), isForced: true)
        try change.set(secret("a made-up seed"), in: vault, acceptingRollback: false)
        #expect(vault["prod"]?.hasOneTimeCodeSeed == true && vault.recorder.questions.isEmpty)
    }

    @Test("without a terminal the option is named")
    func noTerminal() {
        let failure = #expect(throws: Failure.self) { try set(asksSeed: true, isForced: true) }
        #expect(failure?.hint == "give --seed-file PATH")
    }

    @Test("a key without a device needs its name, and a role has none of its own")
    func refused() throws {
        let unnamed = #expect(throws: Failure.self) { try set(serial: nil) }
        #expect(unnamed?.hint == "name it with --mfa-serial ARN")
        let role = #expect(throws: Failure.self) { try set("admin") }
        #expect(role?.message == "'admin' is a role: name the device of its key 'prod'")
        #expect(throws: VaultError.self) { try set("none") }
    }

    @Test("a device goes with its seed, once")
    func removed() throws {
        vault.recorder.answers = [Self.seed]
        try set(asksSeed: true, isForced: true)
        try DeviceChange.remove("prod", from: vault, acceptingRollback: false)
        #expect(vault["prod"]?.mfaSerial == nil && vault["prod"]?.hasOneTimeCodeSeed == false)
        let failure = #expect(throws: Failure.self) {
            try DeviceChange.remove("prod", from: vault, acceptingRollback: false)
        }
        #expect(failure?.code == .missing)
    }
}
