import AWSConfigFile
import AWSConfigGrammar
import CredentialVault
import ProgramSupport
import Testing

@testable import VaultClient

/// Profiles that assume roles by themselves are moved into the vault: sealed first, removed last.
struct RoleTakeoverTests {
    private static let arn = "arn:aws:iam::123456789012:role/Admin"
    private static let secretText = String(repeating: "s", count: 40)
    private static let key =
        "aws_access_key_id = \(FakeIAM.first)\naws_secret_access_key = \(secretText)\n"
    private static let config =
        "[profile admin]\nrole_arn = \(arn)\nsource_profile = raw\nregion = eu-west-1\n"

    private let vault: MemoryVault

    init() throws { vault = try MemoryVault() }

    private func takeOver(_ home: TestFiles, _ consent: ProfileWriter.Consent = .given) throws {
        let takeover = try RoleTakeover("admin", as: "admin", isAgentless: false, in: home.files, vault)
        try #require(takeover).run(consent, vault, acceptingRollback: false)
    }

    @Test("key and role are sealed, the profiles rewritten, and the plaintext is gone")
    func all() throws {
        let home = try TestFiles(config: Self.config, credentials: "[raw]\n\(Self.key)[other]\nx = y\n")
        try takeOver(home)
        #expect(vault["raw"]?.accessKeyID == FakeIAM.first)
        #expect(try vault.secretText(of: "raw") == Self.secretText)
        #expect(try vault.entries().role("admin")?.source == "raw")
        let text = try #require(try home.text())
        #expect(!text.contains("role_arn") && !text.contains("source_profile"))
        #expect(text.contains("credential_process = \(TestFiles.helper) admin"))
        #expect(
            text.contains("[profile raw]") && text.contains("credential_process = \(TestFiles.helper) raw"))
        let credentials = try #require(try home.text(.credentials))
        #expect(!credentials.contains(Self.secretText) && credentials.contains("[other]\nx = y\n"))
    }

    @Test("a key of the same file goes before its command is written")
    func sameFile() throws {
        let home = try TestFiles(config: Self.config + "[profile raw]\n\(Self.key)")
        try takeOver(home)
        let text = try #require(try home.text())
        #expect(
            !text.contains(Self.secretText) && text.contains("credential_process = \(TestFiles.helper) raw"))
        #expect(try vault.secretText(of: "raw") == Self.secretText)
    }

    @Test("a preview changes nothing")
    func preview() throws {
        let home = try TestFiles(config: Self.config, credentials: "[raw]\n\(Self.key)")
        try takeOver(home, .dryRun)
        #expect(try home.text() == Self.config && home.text(.credentials) == "[raw]\n\(Self.key)")
        #expect(try vault.entries().sorted.isEmpty && vault.world.actions.isEmpty)
        let shown = vault.recorder.said("show")
        #expect(shown.contains { $0.contains("credential_process") })
        #expect(shown.count { $0.hasPrefix("--- ") } == 1, "the file has one diff")
        #expect(vault.recorder.said("note").allSatisfy { $0.hasPrefix("would ") })
        #expect(!vault.recorder.said.contains { $0.contains(Self.secretText) }, "a diff shows no secret")
    }

    @Test("a no changes nothing, and neither does nobody", arguments: [true, false])
    func declined(_ isAsked: Bool) throws {
        let home = try TestFiles(config: Self.config, credentials: "[raw]\n\(Self.key)")
        if isAsked { vault.recorder.confirmations = [false] }
        let error = #expect(throws: Failure.self) { try takeOver(home, .asked) }
        #expect(error?.code == .usage && vault.world.actions.isEmpty)
        #expect(try home.text() == Self.config)
    }

    @Test(
        "killed at any save, no key is lost: it is in the file or sealed", arguments: [1, 2], [false, true])
    func killed(_ number: Int, _ isAfter: Bool) throws {
        let home = try TestFiles(config: Self.config, credentials: "[raw]\n\(Self.key)")
        vault.world.revive(kill: (number, isAfter))
        #expect(throws: (any Error).self) { try takeOver(home) }
        vault.world.revive()
        #expect(try home.text(.credentials)?.contains(Self.secretText) == true)
        #expect(try home.text() == Self.config, "profiles are written once all is sealed")
        try takeOver(home)
        #expect(try vault.secretText(of: "raw") == Self.secretText)
        #expect(try home.text(.credentials)?.contains(Self.secretText) == false)
        #expect(try vault.entries().role("admin") != nil)
    }

    @Test("a profile without a role is not taken over")
    func none() throws {
        let home = try TestFiles(config: "[profile admin]\nregion = eu-west-1\n")
        #expect(try RoleTakeover("admin", as: "admin", isAgentless: false, in: home.files, vault) == nil)
    }
}
