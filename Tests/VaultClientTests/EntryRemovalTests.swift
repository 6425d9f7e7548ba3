import CredentialVault
import ProgramSupport
import Testing

@testable import VaultClient

/// Entries and roles that go, or get another name, and the profiles that still name them.
struct EntryRemovalTests {
    private let vault: MemoryVault
    private let home: TestFiles
    private var profiles: ProfileIndex { .read([home.files.config, home.files.credentials]) }

    init() throws {
        vault = try MemoryVault()
        try vault.add(Entry(name: "prod", accessKeyID: FakeIAM.first), secret: "made-up")
        try vault.add(Entry(name: "other", accessKeyID: FakeIAM.id(1)), secret: "made-up")
        try vault.add(Role(name: "admin", roleARN: "arn:aws:iam::123456789012:role/A", source: "prod"))
        let line = "credential_process = \(TestFiles.helper) prod\n"
        home = try TestFiles(config: "[profile p]\n\(line)", credentials: "[q]\n\(line)")
    }

    private func remove(_ names: String..., isForced: Bool = true) throws {
        try EntryRemoval(names, isForced: isForced).run(vault, acceptingRollback: false, profiles: profiles)
    }

    private func rename(_ old: String, _ new: String) throws {
        try EntryRenaming.run(old, to: new, in: vault, acceptingRollback: false, profiles: profiles)
    }

    @Test("what is removed is said, with the profiles that still name it")
    func removed() throws {
        try remove("prod", "admin", "prod")
        #expect(try vault.entries().sorted.map(\.name) == ["other"] && vault.entries().roles.isEmpty)
        #expect(vault.recorder.said("note") == ["removed admin", "removed prod"])
        #expect(
            vault.recorder.said("warning") == [
                "the profile 'p' still names it", "the profile 'q' still names it",
            ])
        #expect(
            vault.recorder.said("hint") == [
                "remove it with 'sealring configure prod --profile p --remove'",
                "remove it with 'sealring configure prod --profile q --credentials-file --remove'",
            ])
    }

    @Test("it is asked first, and a secret that would be gone is named", arguments: [true, false])
    func asked(answer: Bool) throws {
        vault.recorder.confirmations = [answer]
        if answer {
            try remove("admin", "other", isForced: false)
        } else {
            #expect(throws: Failure.self) { try remove("admin", "other", isForced: false) }
        }
        let question = "Remove admin, other from the vault? AWS keeps the keys, but their secrets are gone."
        #expect(vault.recorder.questions == [question])
        #expect((vault["other"] == nil) == answer)
        vault.recorder.confirmations = [false]
        try vault.add(Role(name: "more", roleARN: "arn:aws:iam::123456789012:role/B", source: "prod"))
        #expect(throws: Failure.self) { try remove("more", isForced: false) }
        #expect(vault.recorder.questions.last == "Remove more from the vault?")
    }

    @Test("with one name that is not there nothing is removed, nor a key that is being rotated")
    func refused() throws {
        #expect(throws: VaultError.self) { try remove("other", "none") }
        try vault.change("prod") { $0.rotation = Rotation(phase: .abandoned, beganAt: 1, keysBefore: []) }
        let failure = #expect(throws: Failure.self) { try remove("other", "prod") }
        #expect(failure?.code == .exists && failure?.message.contains("a rotation of 'prod'") == true)
        #expect(vault["other"] != nil)
    }

    @Test("a key or a role gets another name, and the profiles of the old one are named")
    func renamed() throws {
        try rename("prod", "production")
        try rename("admin", "boss")
        let entries = try vault.entries()
        #expect(entries["production"] != nil && entries["prod"] == nil)
        #expect(entries.role("boss")?.source == "production")
        #expect(vault.recorder.said("warning").first == "the profile 'p' still names prod")
    }

    @Test("a name that is not there, or stays, is refused")
    func sameName() throws {
        #expect(throws: VaultError.self) { try rename("none", "new") }
        let failure = #expect(throws: Failure.self) { try rename("prod", "prod") }
        #expect(failure?.code == .usage)
        let taken = #expect(throws: VaultError.self) { try rename("prod", "other") }
        #expect(taken?.reason == .nameTaken("other"))
    }
}
