import AWSValues
import Platform
import Testing

@testable import CredentialImport

@Suite struct CheckTests {
    @Test(
        "an access key id is told by its form",
        arguments: [
            (exampleID, .longTerm), (temporaryID, .temporary), (otherID, .unusual),
            ("AKIA0000000000000000", .unusual), ("AROAQNZGKIQY56JQ7WML", .unusual),
            (String(repeating: "9", count: 16), .unusual), (String(repeating: "Z", count: 128), .unusual),
            (String(repeating: "Z", count: 15), nil), (String(repeating: "Z", count: 129), nil), ("", nil),
            ("AKIAIOSFODNN7EXAMPLe", nil), ("AKIAIOSFODNN7EXAMPL\u{C9}", nil), ("AKIA IOSFODNN7EXAMPL", nil),
        ] as [(String, AccessKeyID.Kind?)])
    func classifies(id: String, kind: AccessKeyID.Kind?) {
        #expect(AccessKeyID.classify(id) == kind)
    }

    @Test(
        "the account is decoded from ids that carry it, and from no others",
        arguments: [
            (temporaryID, "029608264753"), ("AKIAQNZGKIQY56JQ7WML", "029608264753"),
            (exampleID, nil), (otherID, nil), ("ASIAIOSFODNN7EXAMPLE", nil), ("AKIAJAAAAAAAAAAAAAAA", nil),
            ("AROAQNZGKIQY56JQ7WML", nil), ("AKIAQAAAAAAAAAAAAAAA", "000000000000"),
            ("AKIAP7777777777777777", nil),
            ("ASIA7777777777777777", nil),
        ] as [(String, String?)])
    func decodesAccount(id: String, account: String?) {
        #expect(AccessKeyID.accountID(of: id) == account)
    }

    @Test("an account that the id contradicts is kept with a warning")
    func warnsOfAccount() throws {
        let document = try parse(
            #"{"AccessKeyId": "AKIAQNZGKIQY56JQ7WML", "SecretAccessKey": "\#(exampleSecret)", "AccountId": "111122223333"}"#
        )
        #expect(document.keys.map(\.accountID) == ["111122223333"])
        #expect(document.keys.map(\.warnings) == [[.accountMismatch(decoded: "029608264753")]])
    }

    @Test("unusual ids and secrets are taken with a warning that says so")
    func warns() throws {
        let document = try parse("Access key ID,Secret access key\n\(otherID),\(exampleSecret)_\n")
        #expect(document.keys.map(\.warnings) == [[.unusualAccessKeyID, .unusualSecret]])
        #expect(ImportWarning.unusualSecret.text.contains("base64"))
    }

    @Test("a secret shorter than any that is issued is refused unless that is accepted")
    func refusesShortSecret() throws {
        func text(_ count: Int) -> String {
            "Access key ID,Secret access key\n\(exampleID),\(String(repeating: "s", count: count))\n"
        }
        let problem = try parse(text(15), shortSecrets: false).onlyProblem()
        #expect(problem.reason.contains("fewer than 16 characters") && problem.line == 2)
        #expect(try parse(text(16), shortSecrets: false).keys.map(\.warnings) == [[.unusualSecret]])
        #expect(try parse(text(5)).keys.map(\.warnings) == [[.unusualSecret]])
    }

    @Test("the end of credentials in a table is read, and one that has passed is refused")
    func readsExpirationOfTable() throws {
        let table =
            "AccessKeyId,SecretAccessKey,SessionToken,Expiration\n"
            + "\(temporaryID),\(exampleSecret),token,2026-01-31T12:00:00Z\n"
        #expect(try parse(table, now: 1_769_860_799).keys.map(\.expiration) == [1_769_860_800])
        let problem = try parse(table, now: 1_769_860_800).onlyProblem()
        #expect(problem.reason.contains("expired at \(LocalTime.text(1_769_860_800));") && problem.line == 2)
    }

    private func expiring(_ text: String, now: Int64) throws -> ImportDocument {
        try parse(
            #"{"AccessKeyId": "\#(exampleID)", "SecretAccessKey": "\#(exampleSecret)", "Expiration": "\#(text)"}"#,
            now: now)
    }

    @Test(
        "the end of credentials is read in every form that tools write",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-01-31 13:00:00 +0100 CET", 1_769_860_800),
            ("1769860800.75", 1_769_860_800), ("1970-01-01T00:00:00+00:01", nil), ("2026-01-31", nil),
        ] as [(String, Int64?)])
    func readsTime(text: String, seconds: Int64?) throws {
        let document = try expiring(text, now: -1)
        #expect(document.keys.first?.expiration == seconds)
        #expect(document.problems.isEmpty == (seconds != nil))
    }

    @Test(
        "credentials that have ended are a problem with their end, and in their last second they are not yet")
    func refusesExpired() throws {
        let problem = try expiring("2026-01-31T13:00:00+01:00", now: 1_769_860_800).onlyProblem()
        #expect(problem.reason.contains("expired at \(LocalTime.text(1_769_860_800));"))
        #expect(try expiring("2026-01-31T13:00:00+01:00", now: 1_769_860_799).problems.isEmpty)
    }
}
