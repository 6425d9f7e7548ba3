import AWSValues
import SecureMemory
import Testing

@testable import CredentialVault

/// What programs that use the library get to see of errors and times.
@Suite("Errors and times of the library")
struct VaultErrorTests {
    static let reasons: [VaultError.Reason] = [
        .missing, .exists, .file, .damaged("x"), .unsupported("x"), .cost("x"), .wrongPassphrase,
        .wrongRecoveryCode, .mistypedRecoveryCode, .noSuchSlot, .passphraseLength,
        .notEnoughMemory(needed: 1, available: nil, limit: nil),
        .secretMemory(.cannotLock(count: 1, code: 1)), .busy, .noTurn(after: .seconds(55)),
        .rekeyedMeanwhile, .otherVault, .revoked, .notSuccessor(.fork(seen: 2, found: 1)),
        .noSuchEntry("x\u{1B}"), .noSuchRole("x\u{1B}"), .inUse("x\u{1B}", by: "y\u{1B}", as: .source),
        .inUse("", by: "y", as: .served), .roleLoop(["x\u{1B}"]), .roleChain(["x"]), .nameTaken("x\u{1B}"),
        .invalidValue("x"), .full, .exhausted, .durabilityUnknown, .foreignSlots,
    ]

    @Test("an error says in one line what is wrong, and nothing that steers a terminal", arguments: reasons)
    func words(reason: VaultError.Reason) {
        for path in ["", "/v\u{1B}[2J"] {
            let text = VaultError(reason, path: path).description
            #expect(!text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
            #expect(
                text.first?.isUppercase == false && text.last != "." && text.last != " "
                    && !text.contains("  "))
        }
    }

    @Test("an error names the vault and its figures")
    func figures() {
        #expect(VaultError(.missing, path: "/v").description == "no vault at /v")
        #expect(
            VaultError(.noTurn(after: .seconds(55)), path: "/v").description
                == "waited 55s for other processes to derive their keys")
        let memory = VaultError.Reason.notEnoughMemory(
            needed: (80 << 20) - 1, available: (80 << 20) - 1, limit: .addressSpace)
        #expect(
            VaultError(memory, path: "").description
                == "not enough memory: deriving the key needs 80 MiB, 79 MiB available (limit of 'ulimit -v')"
        )
    }

    @Test("times and durations are typed, and kept in whole seconds")
    func times() throws {
        var entry = Entry(name: "prod", accessKeyID: "AKIAIOSFODNN7EXAMPLE")
        #expect(entry.created == nil && entry.exposure == nil && entry.sessionDuration == nil)
        entry.created = Timestamp(unixSeconds: 1_700_000_000)
        entry.exposure = .milliseconds(900_999)
        entry.sessionDuration = .seconds(-1)
        #expect(entry.createdAt == 1_700_000_000 && entry.exposeFor == 900 && entry.sessionSeconds == 0)
        #expect(try #require(entry.created).description == "2023-11-14T22:13:20Z")
        #expect(entry.exposure == .seconds(900))
        #expect(Timestamp(unixSeconds: -1) == nil && Timestamp(unixSeconds: 253_402_300_800) == nil)
    }
}
