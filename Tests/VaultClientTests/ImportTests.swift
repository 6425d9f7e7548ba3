import CredentialVault
import ProgramSupport
import TestSupport
import Testing

@testable import VaultClient

/// An import decides about every key before any is sealed, and seals all of them at once.
struct ImportTests {
    private let scratch = Scratch()
    private let vault: MemoryVault

    init() throws { vault = try MemoryVault() }

    private static func secretText(_ letter: Character) -> String { String(repeating: letter, count: 40) }

    private static func profile(_ name: String, _ id: String, _ letter: Character = "s") -> String {
        "[\(name)]\naws_access_key_id = \(id)\naws_secret_access_key = \(secretText(letter))\n"
    }

    /// What becomes of the keys of a credentials file.
    @discardableResult
    private func seal(
        _ text: String, name: String? = nil, replaces: Bool = false, skipsInvalid: Bool = false,
        isDryRun: Bool = false, leftOut: inout [String]
    ) throws -> [String] {
        try scratch.put(Array(text.utf8), at: "credentials")
        let request = ImportRequest(
            files: [scratch("credentials")], name: name, replaces: replaces, deletesSource: false,
            skipsInvalid: skipsInvalid, isForced: false, isDryRun: isDryRun,
            profiles: ImportProfiles(configure: false, profile: nil, region: nil, isAgentless: false))
        let client = try Client(
            vault: scratch("vault"), passphraseFile: nil, passphraseCommand: nil, usesAgent: false,
            acceptsRollback: false, conversation: vault.recorder)
        let source = try ImportSource.read(scratch("credentials"), acceptsShortSecrets: false)
        var plan = try ImportPlan([source], name: name, skippingInvalid: skipsInvalid)
        leftOut += plan.leftOut
        return try KeyImport(request, client).seal(&plan, into: vault, leavingOut: &leftOut).map { outcome in
            switch outcome {
            case .sealed(let name): "sealed \(name)"
            case .replaced(let old, let name): "replaced \(old.name) as \(name)"
            case .alreadySealed(let name): "there as \(name)"
            }
        }
    }

    @discardableResult
    private func seal(
        _ text: String, name: String? = nil, replaces: Bool = false, isDryRun: Bool = false
    ) throws -> [String] {
        var none: [String] = []
        return try seal(text, name: name, replaces: replaces, isDryRun: isDryRun, leftOut: &none)
    }

    private static let (a, b, c) = (FakeIAM.id(1), FakeIAM.id(2), FakeIAM.id(3))

    @Test("all keys are sealed with one save")
    func once() throws {
        let outcomes = try seal(Self.profile("one", Self.a) + Self.profile("two", Self.b, "t"))
        #expect(outcomes == ["sealed one", "sealed two"])
        #expect(vault.world.actions == ["save"] && vault.listings == 1)
        #expect(try vault.secretText(of: "two") == Self.secretText("t"))
    }

    @Test("what is there already is not sealed again: nothing is saved")
    func nothing() throws {
        try vault.add(Entry(name: "mine", accessKeyID: Self.a), secret: Self.secretText("s"))
        #expect(try seal(Self.profile("one", Self.a)) == ["there as mine"])
        #expect(vault.world.actions.isEmpty)
    }

    @Test("a dry run is tried out, and saves nothing")
    func dryRun() throws {
        #expect(try seal(Self.profile("one", Self.a), isDryRun: true) == ["sealed one"])
        #expect(try vault.world.actions == ["plan"] && vault.entries().sorted.isEmpty)
    }

    @Test("profiles that share a key share its entry, and names that are the same get a number")
    func names() throws {
        let outcomes = try seal(
            Self.profile("one", Self.a) + Self.profile("two", Self.a) + Self.profile("a:b", Self.b)
                + Self.profile("a;b", Self.c))
        #expect(outcomes == ["sealed one", "there as one", "sealed a-b", "sealed a-b-2"])
    }

    @Test("one key with two secrets is nobody's, and left out only where that was asked for")
    func doubtful() throws {
        let text =
            Self.profile("one", Self.a) + Self.profile("two", Self.a, "t") + Self.profile("three", Self.b)
        let error = #expect(throws: Failure.self) { try seal(text) }
        #expect(error?.message.contains("appears twice with different secrets") == true)
        var leftOut: [String] = []
        #expect(try seal(text, skipsInvalid: true, leftOut: &leftOut) == ["sealed three"])
        #expect(leftOut.count == 1)
    }

    @Test("a name is for one key")
    func named() throws {
        #expect(try seal(Self.profile("one", Self.a), name: "mine") == ["sealed mine"])
        let error = #expect(throws: Failure.self) {
            try seal(Self.profile("one", Self.b) + Self.profile("two", Self.c), name: "mine")
        }
        #expect(error?.message == "--name needs exactly one key, but there are 2")
    }

    // MARK: conflicts

    private func conflict(_ text: String, replaces: Bool = false, name: String? = nil) -> Failure? {
        let error = #expect(throws: Failure.self) { try seal(text, name: name, replaces: replaces) }
        #expect(!vault.world.actions.contains("save"))
        return error
    }

    @Test("a name that another key has is taken")
    func takenName() throws {
        try vault.add(Entry(name: "one", accessKeyID: Self.b), secret: "made-up")
        #expect(
            conflict(Self.profile("one", Self.a))?.message.contains(
                "the name 'one' is taken by the key \(Self.b)") == true)
    }

    @Test("a key that is sealed with another secret is replaced only when asked for")
    func otherSecret() throws {
        try vault.add(Entry(name: "mine", accessKeyID: Self.a), secret: "made-up")
        #expect(conflict(Self.profile("one", Self.a))?.hint == "use --replace to overwrite 'mine'")
        #expect(try seal(Self.profile("one", Self.a), replaces: true) == ["replaced mine as mine"])
        #expect(try vault.secretText(of: "mine") == Self.secretText("s"))
    }

    @Test("two entries are not replaced by one key")
    func both() throws {
        try vault.add(Entry(name: "mine", accessKeyID: Self.a), secret: "made-up")
        try vault.add(Entry(name: "new", accessKeyID: Self.b), secret: "made-up")
        let failure = conflict(Self.profile("one", Self.a), replaces: true, name: "new")
        #expect(failure?.message.hasSuffix("both 'mine' and 'new' would be replaced") == true)
    }

    @Test("a key in the middle of a rotation is not replaced")
    func rotating() throws {
        try vault.add(Entry(name: "mine", accessKeyID: Self.a), secret: "made-up")
        try vault.change("mine") {
            $0.rotation = Rotation(phase: .intended, beganAt: 1, keysBefore: [Self.a])
        }
        #expect(
            conflict(Self.profile("one", Self.a), replaces: true)?.message.hasPrefix(
                "'mine' is being rotated")
                == true)
    }

    @Test("what the vault cannot take is left out, and holds up none of the others")
    func leftOut() throws {
        try vault.add(Entry(name: "one", accessKeyID: Self.b), secret: "made-up")
        var leftOut: [String] = []
        let text = Self.profile("one", Self.a) + Self.profile("two", Self.c)
        #expect(try seal(text, skipsInvalid: true, leftOut: &leftOut) == ["sealed two"])
        #expect(leftOut.count == 1 && leftOut[0].contains("the name 'one' is taken"))
        #expect(vault.world.actions == ["save"])
        #expect(throws: Failure.self) {
            try seal(Self.profile("one", Self.a), skipsInvalid: true, leftOut: &leftOut)
        }
    }

    @Test("what another program seals meanwhile is not overwritten")
    func meanwhile() throws {
        let vault = vault
        vault.world.interference["save"] = {
            try vault.add(Entry(name: "one", accessKeyID: Self.b), secret: "made-up")
        }
        #expect(throws: Failure.self) { try seal(Self.profile("one", Self.a)) }
        #expect(try vault.secretText(of: "one") == "made-up")
    }

    @Test("a replaced key keeps its settings, and a new name takes its roles along")
    func settings() throws {
        var old = Entry(name: "mine", accessKeyID: Self.a)
        (old.region, old.note, old.serve, old.mfaSerial) = (
            "eu-west-1", "a note", .session, "arn:aws:iam::123456789012:mfa/ann"
        )
        try vault.add(old, secret: "made-up")
        try vault.add(Role(name: "admin", roleARN: "arn:aws:iam::123456789012:role/Admin", source: "mine"))
        let outcomes = try seal(Self.profile("one", Self.a, "t"), name: "new", replaces: true)
        #expect(outcomes == ["replaced mine as new"] && vault["mine"] == nil)
        let entry = try #require(vault["new"])
        #expect(entry.region == "eu-west-1" && entry.note == "a note" && entry.serve == .session)
        #expect(entry.mfaSerial == "arn:aws:iam::123456789012:mfa/ann")
        #expect(try vault.entries().role("admin")?.source == "new")
    }
}
