import Testing

@testable import CredentialVault

/// What an agent that is not ours might send instead of entries and roles.
@Suite("What came from the agent")
struct WellFormedTests {
    private static let entry: Entry = {
        var entry = Entry(name: "prod", accessKeyID: "AKIAIOSFODNN7EXAMPLE")
        entry.rotation = Rotation(phase: .created, beganAt: 5, keysBefore: ["AKIAI44QH8DHBEXAMPLE"])
        entry.serve = .role("admin")
        return entry
    }()
    private static let role = Role(
        name: "admin", roleARN: "arn:aws:iam::123456789012:role/Admin", source: "prod")

    @Test("what a vault holds is well-formed, also where the source of a role is gone")
    func wellFormed() {
        var role = Self.role
        #expect(Self.entry.isWellFormed && role.isWellFormed)
        role.source = ""
        #expect(role.isWellFormed)
    }

    @Test(
        "an entry that no vault would hold is not",
        arguments: [
            { $0.name = "" }, { $0.name = "\u{1B}[2J" }, { $0.name = "a\nb" },
            { $0.accessKeyID = "\u{9B}31m" },
            { $0.accountID = "12" }, { $0.userName = "\u{7}" }, { $0.source = "a\tb" },
            { $0.region = "\u{1B}]0;x\u{7}" }, { $0.note = "\u{85}" }, { $0.stsEndpoint = "\r" },
            { $0.iamEndpoint = "\u{0}" }, { $0.caBundle = "\n" }, { $0.mfaSerial = "\u{1B}" },
            { $0.serve = .role("\u{1B}[31m") }, { $0.createdAt = -1 }, { $0.sealedAt = .max },
            { $0.changedAt = .min }, { $0.expiration = 253_402_300_800 }, { $0.lastUsedAt = .max },
            { $0.lastUsedAskedAt = .max }, { $0.rotation?.beganAt = .max },
            { $0.rotation?.otherCreatedAt = .max }, { $0.rotation?.deleteAfter = .max },
            { $0.rotation?.otherAccessKeyID = "\u{1B}" }, { $0.rotation?.keysBefore = ["\u{1B}[A"] },
        ] as [@Sendable (inout Entry) -> Void])
    func entries(change: @Sendable (inout Entry) -> Void) {
        var entry = Self.entry
        change(&entry)
        #expect(!entry.isWellFormed)
    }

    @Test(
        "a role that no vault would hold is not",
        arguments: [
            { $0.name = "a b" }, { $0.source = "\u{1B}" }, { $0.roleARN = "\u{1B}[2J" }, { $0.region = "\n" },
            { $0.note = "\u{9B}" }, { $0.stsEndpoint = "\n" }, { $0.caBundle = "\n" },
            { $0.mfaSerial = "\n" },
            { $0.externalID = "\n" }, { $0.policy = "\n" }, { $0.sourceIdentity = "\n" },
            { $0.sessionName = "\n" }, { $0.policyARNs = ["a", "\u{1B}"] }, { $0.tags = ["\u{1B}"] },
            { $0.transitiveTagKeys = ["\u{1B}"] }, { $0.sealedAt = .max }, { $0.changedAt = -1 },
        ] as [@Sendable (inout Role) -> Void])
    func roles(change: @Sendable (inout Role) -> Void) {
        var role = Self.role
        change(&role)
        #expect(!role.isWellFormed)
    }
}
