import CredentialImport
import Platform
import Testing

@Suite(.serialized) struct EnvironmentTests {
    static let names = [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION",
        "AWS_CREDENTIAL_EXPIRATION", "AWS_ACCOUNT_ID",
    ]

    init() {
        for name in Self.names { unsafe unsetenv(name) }
    }

    private func set(_ values: [String: String]) {
        for (name, value) in values { unsafe setenv(name, value, 1) }
    }

    @Test("a session in the environment is read with all that belongs to it")
    func readsSession() throws {
        set([
            "AWS_ACCESS_KEY_ID": temporaryID, "AWS_SECRET_ACCESS_KEY": exampleSecret,
            "AWS_SESSION_TOKEN": "tok",
            "AWS_DEFAULT_REGION": "eu-west-1", "AWS_CREDENTIAL_EXPIRATION": "2026-01-31T12:00:00Z",
        ])
        let document = try ImportDocument.fromEnvironment(now: testTime)
        #expect(document.format == .environment)
        #expect(document.pairs == ["\(temporaryID):\(exampleSecret)"])
        let key = try #require(document.keys.first)
        #expect(document.text(key.sessionToken) == "tok")
        #expect(
            key.region == "eu-west-1" && key.expiration == 1_769_860_800 && key.accountID == "029608264753")
    }

    @Test("an empty token is no token, and AWS_REGION goes before AWS_DEFAULT_REGION")
    func readsKey() throws {
        set([
            "AWS_ACCESS_KEY_ID": exampleID, "AWS_SECRET_ACCESS_KEY": exampleSecret, "AWS_SESSION_TOKEN": "",
            "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_ACCOUNT_ID": "123456789012",
        ])
        let key = try #require(try ImportDocument.fromEnvironment().keys.first)
        #expect(key.sessionToken == nil && key.region == "us-east-1" && key.accountID == "123456789012")
    }

    @Test(
        "an environment without a usable key is refused with the reason",
        arguments: [
            ([:], "access key ID is missing"),
            (["AWS_ACCESS_KEY_ID": exampleID], "secret access key is missing"),
            (["AWS_ACCESS_KEY_ID": temporaryID, "AWS_SECRET_ACCESS_KEY": exampleSecret], "session token"),
            (["AWS_ACCESS_KEY_ID": exampleID, "AWS_SECRET_ACCESS_KEY": "a\nb"], "printable"),
        ])
    func refuses(values: [String: String], word: String) {
        set(values)
        let error = #expect(throws: ImportError.self) { _ = try ImportDocument.fromEnvironment() }
        #expect(error?.description.contains(word) == true)
    }

    @Test("a variable of more than 64 KiB is refused")
    func refusesLongVariables() {
        set(["AWS_ACCESS_KEY_ID": String(repeating: "A", count: 70_000)])
        let error = #expect(throws: ImportError.self) { _ = try ImportDocument.fromEnvironment() }
        #expect(error?.description.contains("too long") == true)
    }
}
