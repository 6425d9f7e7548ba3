import AWSConfigFile
import AWSConfigGrammar
import CredentialVault
import ProgramSupport
import Testing

@testable import VaultClient

/// A plaintext key under a profile's name is sealed first, and removed only when the vault has that very key.
struct StaticKeyMoveTests {
    private static let secretText = String(repeating: "s", count: 40)
    private static let key =
        "[prod]\naws_access_key_id = \(FakeIAM.first)\naws_secret_access_key = \(secretText)\n"

    private let vault: MemoryVault

    init() throws { vault = try MemoryVault() }

    private func offer(_ home: TestFiles, isAgreed: Bool) throws {
        try StaticKeyMove.offer(
            "prod", in: home.files.credentials, of: home.files, into: vault, isAgreed: isAgreed,
            acceptingRollback: false)
    }

    @Test("agreed to, it moves under a name of its own, with what stands beside it")
    func moved() throws {
        let home = try TestFiles(
            config: "[profile prod]\nregion = eu-west-1\n",
            credentials: Self.key + "mfa_serial = arn:aws:iam::123456789012:mfa/ann\n")
        try offer(home, isAgreed: true)
        let entry = try #require(vault["prod-credentials"])
        #expect(entry.accessKeyID == FakeIAM.first && entry.source == "ini: credentials")
        #expect(entry.region == "eu-west-1" && entry.mfaSerial == "arn:aws:iam::123456789012:mfa/ann")
        #expect(try vault.secretText(of: "prod-credentials") == Self.secretText)
        #expect(try home.text(.credentials)?.contains(Self.secretText) == false)
    }

    @Test("asked about, it moves on a yes only", arguments: [true, false])
    func asked(_ answer: Bool) throws {
        let home = try TestFiles(credentials: Self.key)
        vault.recorder.confirmations = [answer]
        try offer(home, isAgreed: false)
        #expect(vault.recorder.questions == ["Move it into the vault?"])
        #expect(try vault.entries().sorted.count == (answer ? 1 : 0))
        #expect(try home.text(.credentials)?.contains(Self.secretText) == !answer)
    }

    @Test("where nobody can be asked, the command is named")
    func nobody() throws {
        let home = try TestFiles(credentials: Self.key)
        try offer(home, isAgreed: false)
        #expect(
            vault.recorder.said("hint") == [
                "move it into the vault with 'sealring import \(home.files.credentials.path) --delete-source'"
            ])
        #expect(try vault.entries().sorted.isEmpty && home.text(.credentials) == Self.key)
    }

    @Test("without a plaintext key, or without a file, nothing is said")
    func nothing() throws {
        try offer(TestFiles(credentials: "[prod]\nregion = eu-west-1\n"), isAgreed: false)
        try offer(TestFiles(), isAgreed: false)
        #expect(vault.recorder.said.isEmpty)
    }

    @Test("one that the vault has already is only removed")
    func known() throws {
        try vault.add(Entry(name: "mine", accessKeyID: FakeIAM.first), secret: Self.secretText)
        let home = try TestFiles(credentials: Self.key)
        vault.recorder.confirmations = [true]
        try offer(home, isAgreed: false)
        #expect(
            vault.recorder.questions.first?.hasPrefix("The vault holds this key as 'mine'. Remove it") == true
        )
        #expect(try vault.entries().sorted.map(\.name) == ["mine"])
        #expect(try home.text(.credentials)?.contains(Self.secretText) == false)
    }

    @Test("the same id with another secret is another key")
    func otherSecret() throws {
        try vault.add(Entry(name: "mine", accessKeyID: FakeIAM.first), secret: "made-up")
        let home = try TestFiles(credentials: Self.key)
        try offer(home, isAgreed: true)
        #expect(try vault.secretText(of: "prod-credentials") == Self.secretText)
        #expect(try vault.secretText(of: "mine") == "made-up")
    }

    @Test("half a key is neither sealed nor removed")
    func half() throws {
        let home = try TestFiles(credentials: "[prod]\naws_secret_access_key = \(Self.secretText)\n")
        let error = #expect(throws: Failure.self) { try offer(home, isAgreed: true) }
        #expect(error?.message == "the plaintext key of 'prod' is incomplete")
        #expect(try vault.entries().sorted.isEmpty)
    }

    @Test("a key that changed after it was sealed stays")
    func changed() throws {
        let home = try TestFiles(credentials: Self.key)
        let other = Self.key.replacing("ssss", with: "tttt")
        vault.world.interference["save"] = { try home.write(other, .credentials) }
        let error = #expect(throws: Failure.self) { try offer(home, isAgreed: true) }
        #expect(error?.code == .busy)
        #expect(try home.text(.credentials) == other)
    }

    @Test("a name that is taken gets a number")
    func names() throws {
        try vault.add(Entry(name: "prod-credentials", accessKeyID: FakeIAM.id(1)), secret: "made-up")
        try offer(TestFiles(credentials: Self.key), isAgreed: true)
        #expect(vault["prod-credentials-2"]?.accessKeyID == FakeIAM.first)
    }
}
