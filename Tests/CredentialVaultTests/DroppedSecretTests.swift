import SecureMemory
import TestSupport
import Testing

@testable import CredentialVault

/// The file of before a save holds what the save drops. Whatever drops a secret takes that file away.
@Suite("Secrets that a save drops")
struct DroppedSecretTests {
    let scratch = Scratch()

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let drops: Bool
        /// The changes that are saved one after the other; only the last one counts.
        let steps: [Step]
    }

    /// A change of the one entry.
    typealias Step = @Sendable (inout VaultChanges, Entry) throws -> Void

    private static func change(
        _ kind: VaultChanges.Kind, secret text: String? = nil,
        _ body: @escaping @Sendable (inout Entry) -> Void = { _ in }
    ) -> Step {
        { changes, entry in
            var new = entry
            body(&new)
            guard let text else { return try changes.append(kind, name: entry.name, entry: new) }
            try changes.append(kind, name: entry.name, entry: new, secret: secret(text))
        }
    }

    private static func add(_ kind: VaultChanges.Kind, _ name: String) -> Step {
        { changes, _ in
            let entry = Entry(name: name, accessKeyID: "AKIAIOSFODNN7EXAMPLE")
            try changes.append(kind, name: "", entry: entry, secret: secret("another"))
        }
    }

    private static let rotating = change(.otherKey, secret: "the other secret") {
        $0.rotation = Rotation(phase: .created, beganAt: 1, keysBefore: [])
        $0.rotation?.otherAccessKeyID = "AKIAIOSFODNN7EXAMPL2"
    }

    private static let seeded = change(.seed, secret: "0123456789") { $0.mfaSerial = "GAHT12345678" }

    static let cases: [Case] = [
        Case(testDescription: "a note", drops: false, steps: [change(.edit) { $0.note = "n" }]),
        Case(testDescription: "a name", drops: false, steps: [change(.edit) { $0.name = "uno" }]),
        Case(testDescription: "a new seed", drops: false, steps: [seeded]),
        Case(
            testDescription: "a note beside a seed", drops: false,
            steps: [seeded, change(.edit) { $0.note = "n" }]),
        Case(
            testDescription: "a removed seed", drops: true,
            steps: [seeded, change(.seed, secret: "") { _ in }]),
        Case(
            testDescription: "another seed", drops: true,
            steps: [seeded, change(.seed, secret: "9876543210") { _ in }]),
        Case(
            testDescription: "another MFA device", drops: true,
            steps: [seeded, change(.edit) { $0.mfaSerial = "GAHT87654321" }]),
        Case(testDescription: "a second key", drops: false, steps: [rotating]),
        Case(
            testDescription: "two keys that change places", drops: false,
            steps: [rotating, change(.swap) { $0.rotation?.phase = .switched }]),
        Case(
            testDescription: "the end of a rotation", drops: true,
            steps: [
                rotating, change(.swap) { $0.rotation?.phase = .switched },
                change(.edit) { $0.rotation = nil },
            ]),
        Case(
            testDescription: "a removed key", drops: true,
            steps: [{ changes, _ in try changes.append(.remove, name: "one") }]),
        Case(testDescription: "a key that is replaced", drops: true, steps: [add(.replace, "one")]),
        Case(testDescription: "a new key", drops: false, steps: [add(.add, "two")]),
    ]

    @Test(
        "take the file of before with them, through the agent and without", arguments: cases, [true, false])
    func dropped(given: Case, throughAgent: Bool) throws {
        try scratch.seal()
        var vault = try scratch.open()
        try vault.update { try $0.addKey("one", secret: "made-up") }
        for step in given.steps {
            if throughAgent {
                let keyed = try KeyedVault(
                    scratch.location, vaultKey: vault.withVaultKey { try $0.copy(0..<$0.count) })
                var changes = try VaultChanges()
                try step(&changes, #require(keyed.entries().first))
                let image = try keyed.image(applying: changes, acceptingRollback: false)
                _ = try VaultWriter(scratch.location).publish(image, after: keyed.headerMAC)
            } else {
                try vault.update { contents in
                    var changes = try VaultChanges()
                    try step(&changes, #require(contents.entries.first))
                    try changes.apply(to: &contents)
                }
            }
        }
        #expect(try scratch.names().contains("vault.prev") != given.drops)
    }
}
