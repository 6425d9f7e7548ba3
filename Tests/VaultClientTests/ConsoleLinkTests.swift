import AWSValues
import CredentialVault
import ProgramSupport
import SecureMemory
import TestSupport
import Testing

@testable import VaultClient

/// The link to the console, and what is read of AWS's answers.
struct ConsoleLinkTests {
    private static let china = AWSPartition(region: "cn-north-1")

    private static func token(_ body: String) -> String? {
        let bytes = Array(body.utf8)
        return ConsoleLink.token(in: bytes.rawSpan)?.text()
    }

    @Test(
        "the token is read of an object of JSON",
        arguments: [
            (#"{"SigninToken":"abc-_.~9"}"#, "abc-_.~9"), (#"{ "SigninToken" : "a" }"#, "a"),
            (#"{"Other":1,"SigninToken":"a"}"#, "a"), (#"{"SigninToken":""}"#, nil),
            (#"{"SigninToken":"a&b"}"#, nil), (#"{"SigninToken":"a\"b"}"#, nil), (#"{"SigninToken":"a"#, nil),
            (#"{"SigninToken":1}"#, nil), (#"{"SigninToken""#, nil), ("{}", nil), ("", nil),
        ] as [(String, String?)])
    func tokens(body: String, expected: String?) { #expect(Self.token(body) == expected) }

    @Test(
        "a service is named as in its address",
        arguments: [
            ("s3", true), ("app-runner2", true), ("", false), ("S3", false), ("s3/home", false),
            ("s3?x", false),
            (String(repeating: "s", count: 65), false),
        ])
    func services(text: String, isValid: Bool) throws {
        #expect(ConsoleLink.isService(text) == isValid)
        if isValid {
            _ = try ConsoleLink(name: "prod", service: text, duration: nil)
        } else {
            let failure = #expect(throws: Failure.self) {
                _ = try ConsoleLink(name: "prod", service: text, duration: nil)
            }
            #expect(failure?.code == .usage)
        }
    }

    @Test("a session of the console lasts from 15 minutes to 12 hours", arguments: ["14m", "13h", "x"])
    func durations(text: String) throws {
        #expect(throws: Failure.self) { _ = try ConsoleLink(name: "prod", service: nil, duration: text) }
        _ = try ConsoleLink(name: "prod", service: nil, duration: "15m")
        _ = try ConsoleLink(name: "prod", service: nil, duration: "12h")
    }

    @Test("the link leads to the page of the service, in the partition of the role")
    func link() throws {
        let link = try ConsoleLink(name: "admin", service: "s3", duration: nil)
        let token = Array("tok".utf8)
        let text = try link.text(
            token.rawSpan, base: "https://signin.amazonaws.cn/federation", partition: Self.china)
        #expect(
            text.bytes.text()
                == "https://signin.amazonaws.cn/federation?Action=login&Issuer=sealring"
                + "&Destination=https%3A%2F%2F\(Self.china.consoleHost)%2Fs3&SigninToken=tok\n")
    }

    @Test("the partition is that of the role, of what the key serves, of its region, or of its device")
    func partitions() {
        var served = Entry(name: "served", accessKeyID: FakeIAM.first)
        served.serve = .role("china")
        var regional = Entry(name: "regional", accessKeyID: FakeIAM.first)
        regional.region = "us-gov-west-1"
        var device = Entry(name: "device", accessKeyID: FakeIAM.first)
        device.mfaSerial = "arn:aws-cn:iam::123456789012:mfa/ann"
        let plain = Entry(name: "plain", accessKeyID: FakeIAM.first)
        let role = Role(name: "china", roleARN: "arn:aws-cn:iam::123456789012:role/A", source: "plain")
        let entries = EntryList([served, regional, device, plain], [role])
        let found = ["china", "served", "regional", "device", "plain", "none"].map {
            ConsoleLink.partition(of: $0, in: entries)
        }
        #expect(
            found == [
                Self.china, Self.china, AWSPartition(region: "us-gov-west-1"), Self.china, .standard,
                .standard,
            ])
    }
}

struct CallerIdentityTests {
    @Test(
        "a clock is right within 5 seconds",
        arguments: [(0, "right"), (5, "right"), (-5, "right"), (6, "6s behind"), (-3600, "1h ahead")]
            as [(Int64, String)])
    func clock(skew: Int64, expected: String) { #expect(CallerIdentity.clock(skew) == expected) }

    @Test("what is shown is what AWS said, for people and for programs")
    func shown() {
        let identity = CallerIdentity(
            name: "prod", accessKeyID: FakeIAM.first, accountID: "123456789012",
            arn: "arn:aws:iam::123456789012:user/ann\u{1B}", userID: "AIDA", skew: -60)
        #expect(identity.rows.map(\.[0]) == ["name", "access key ID", "account", "ARN", "user ID", "clock"])
        #expect(identity.rows[3][1] == "arn:aws:iam::123456789012:user/ann\u{1B}".printable)
        #expect(identity.json.text.hasSuffix(#""user_id":"AIDA","clock_skew_seconds":-60}"#))
    }
}

struct SessionFetchTests {
    private static func end(_ line: String) -> Int64? {
        let bytes = Array(line.utf8)
        return SessionFetch.expiration(in: bytes.rawSpan)
    }

    @Test("the end of a session is read of the line for AWS clients")
    func expiration() {
        let line = #"{"Version":1,"SecretAccessKey":"x","Expiration":"2030-01-31T12:00:00Z","AccountId":"1"}"#
        #expect(Self.end(line) == 1_896_091_200)
        #expect(Self.end(#"{"Version":1,"Expiration":"2030-01-31T12:0"#) == nil)
        #expect(Self.end(#"{"Version":1,"Expiration":""#) == nil)
        #expect(Self.end(#"{"Version":1}"#) == nil)
    }

    @Test("a key that is served itself has no session")
    func served() throws {
        var entry = Entry(name: "prod", accessKeyID: FakeIAM.first)
        #expect(throws: Failure.self) { try SessionFetch.requireSession("prod", in: EntryList([entry])) }
        entry.serve = .session
        try SessionFetch.requireSession("prod", in: EntryList([entry]))
        // What is not there is for the agent to say.
        try SessionFetch.requireSession("none", in: EntryList([entry]))
    }
}
