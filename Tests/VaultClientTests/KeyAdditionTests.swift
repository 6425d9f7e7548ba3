import CredentialVault
import ProgramSupport
import TestSupport
import Testing

@testable import VaultClient

/// A key that is added by hand: what is refused is refused before anybody types a secret.
struct KeyAdditionTests {
    private static let secretText = String(repeating: "s", count: 40)
    private static let temporary = "ASIAIOSFODNN7EXAMPLE"

    private let vault: MemoryVault
    private let scratch = Scratch()

    init() throws { vault = try MemoryVault() }

    private func addition(
        _ name: String = "ci", id: String? = FakeIAM.first, secret: String? = secretText,
        token: String? = nil,
        isForced: Bool = false
    ) throws -> KeyAddition {
        func file(_ name: String, _ text: String?) throws -> String? {
            guard let text else { return nil }
            try scratch.put(Array(text.utf8), at: name)
            return scratch(name)
        }
        return KeyAddition(
            name: name, accessKeyID: id, secretFile: try file("secret", secret),
            sessionTokenFile: try file("token", token), region: "eu-west-1", isForced: isForced,
            profile: ProfileOffer(configure: nil, profile: nil))
    }

    private func add(_ addition: KeyAddition) throws {
        let given = try addition.read(vault.recorder)
        try addition.seal(given, in: vault, acceptingRollback: false)
    }

    private func failure(_ addition: KeyAddition) -> Failure? {
        #expect(throws: Failure.self) { try add(addition) }
    }

    @Test("with files nobody is asked")
    func files() throws {
        try add(addition(secret: Self.secretText + "\n"))
        let entry = try #require(vault["ci"])
        #expect(entry.accessKeyID == FakeIAM.first && entry.region == "eu-west-1")
        #expect(entry.source == "by hand" && !entry.hasSessionToken)
        #expect(try vault.secretText(of: "ci") == Self.secretText)
        #expect(vault.recorder.questions.isEmpty && vault.recorder.said.isEmpty)
    }

    @Test("what is not given is asked for, a malformed id again")
    func typed() throws {
        vault.recorder.answers = ["secret", Self.temporary, Self.secretText, "token"]
        try add(addition(id: nil, secret: nil))
        #expect(
            vault.recorder.questions == [
                "Access key ID: ", "Access key ID: ", "Secret access key: ", "Session token: ",
            ])
        #expect(vault["ci"]?.hasSessionToken == true)
        #expect(vault.recorder.said("tell").first == "invalid access key ID\n")
    }

    @Test("without a terminal the option is named", arguments: [true, false])
    func noTerminal(hasID: Bool) throws {
        let refused = failure(try addition(id: hasID ? FakeIAM.first : nil, secret: nil))
        #expect(refused?.code == .usage)
        #expect(refused?.hint == (hasID ? "give --secret-file PATH" : "give --access-key-id ID"))
    }

    @Test("an id that is given must be one, and a temporary one needs its token")
    func ids() throws {
        let malformed = failure(try addition(id: "not-an-id"))
        #expect(malformed?.code == .usage && malformed?.message == "invalid access key ID")
        let temporary = failure(try addition(id: Self.temporary))
        #expect(temporary?.hint == "add --session-token-file PATH")
        try add(addition(id: Self.temporary, token: "token"))
        #expect(vault["ci"]?.hasSessionToken == true)
    }

    @Test("a name that is taken is refused before a secret is typed", arguments: [true, false])
    func names(isRole: Bool) throws {
        try vault.add(Entry(name: "prod", accessKeyID: FakeIAM.id(1)), secret: "made-up")
        try vault.add(Role(name: "admin", roleARN: "arn:aws:iam::123456789012:role/A", source: "prod"))
        vault.recorder.answers = [Self.secretText]
        let refused = failure(try addition(isRole ? "admin" : "prod", secret: nil))
        #expect(refused?.code == .exists)
        #expect(refused?.message.contains(isRole ? "a role" : FakeIAM.id(1)) == true)
        #expect(vault.recorder.questions.isEmpty)
    }

    @Test("a key that is sealed already is sealed twice only by force")
    func known() throws {
        try vault.add(Entry(name: "mine", accessKeyID: FakeIAM.first), secret: "made-up")
        vault.recorder.answers = [Self.secretText]
        #expect(failure(try addition(secret: nil))?.code == .exists)
        #expect(vault.recorder.questions.isEmpty)
        try add(addition(isForced: true))
        #expect(vault["ci"]?.accessKeyID == FakeIAM.first)
    }

    @Test("a typed secret that AWS does not issue is asked about", arguments: [true, false])
    func unusual(answer: Bool) throws {
        vault.recorder.answers = ["piece"]
        vault.recorder.confirmations = [answer]
        if answer {
            try add(addition(secret: nil))
        } else {
            #expect(failure(try addition(secret: nil)) != nil)
        }
        #expect(vault.recorder.questions.last == "Seal it anyway?")
        #expect((vault["ci"] != nil) == answer)
    }

    @Test("one in a file is refused when it is too short for any, but by force")
    func short() throws {
        #expect(failure(try addition(secret: "piece"))?.code == .malformed)
        #expect(vault["ci"] == nil && vault.recorder.said("warning").count == 1)
        try add(addition(secret: "piece", isForced: true))
        #expect(vault["ci"] != nil)
    }

    @Test(
        "a secret with other characters, or none, is refused before the vault is opened",
        arguments: ["", "a b"])
    func invisible(secret: String) throws {
        #expect(throws: Failure.self) { _ = try addition(secret: secret).read(vault.recorder) }
        #expect(throws: Failure.self) {
            _ = try addition(id: Self.temporary, token: secret).read(vault.recorder)
        }
    }
}
