import CredentialImport
import Testing

@Suite struct KeyJSONTests {
    static let members = #""AccessKeyId": "\#(exampleID)", "SecretAccessKey": "\#(exampleSecret)""#
    static let session =
        #""AccessKeyId": "\#(temporaryID)", "SecretAccessKey": "\#(exampleSecret)", "SessionToken": "tok+/=", "#
        + #""Expiration": "2026-01-31T13:00:00.5+01:00""#

    @Test("create-access-key's key has its user and its date")
    func readsCreateAccessKey() throws {
        let document = try parse(
            """
            {
              "AccessKey": {
                "UserName": "Bob", "Status": "Inactive", \(Self.members),
                "CreateDate": "2015-03-09T18:39:23+00:00"
              }
            }
            """)
        let key = try #require(document.keys.first)
        #expect(document.pairs == ["\(exampleID):\(exampleSecret)"])
        #expect(key.userName == "Bob" && key.createdAt == 1_425_926_363 && key.line == 2)
        #expect(key.accountID == nil && key.warnings == [.inactive])
    }

    @Test(
        "sessions are read from credential_process, from STS and from an array",
        arguments: [
            "{\"Version\": 1, \(session), \"AccountId\": \"029608264753\"}",
            "{\"Credentials\": {\(session)}, \"AssumedRoleUser\": {\"Arn\": \"x\"}}",
            "[{\(session)}]",
            " [ {\"Credentials\": {\(session)}} ] ",
        ])
    func readsSessions(content: String) throws {
        let document = try parse(content)
        let key = try #require(document.keys.first)
        #expect(document.problems == [] && document.keys.count == 1)
        #expect(key.accessKeyID == temporaryID && key.expiration == 1_769_860_800)
        #expect(document.text(key.sessionToken) == "tok+/=")
        #expect(key.accountID == "029608264753" && key.warnings == [])
    }

    @Test(
        "other programs' spellings are read: the SDK for JavaScript, SSO, containers and instances",
        arguments: [
            #"{"accessKeyId": "\#(temporaryID)", "secretAccessKey": "\#(exampleSecret)", "sessionToken": "t","#
                + #" "region": "eu-west-1", "expiration": "2026-01-31T12:00:00Z"}"#,
            #"{"roleCredentials": {"accessKeyId": "\#(temporaryID)", "secretAccessKey": "\#(exampleSecret)","#
                + #" "sessionToken": "t", "expiration": 1769860800000}}"#,
            #"{"Code": "Success", "AccessKeyId": "\#(temporaryID)", "SecretAccessKey": "\#(exampleSecret)","#
                + #" "Token": "t", "Expiration": "2026-01-31T12:00:00Z"}"#,
            #"{"ProviderType": "sso", "Credentials": {"AccessKeyId": "\#(temporaryID)", "SecretAccessKey":"#
                + #" "\#(exampleSecret)", "SessionToken": "t", "Expiration": "2026-01-31T12:00:00UTC"}}"#,
        ])
    func readsOtherSpellings(content: String) throws {
        let document = try parse(content)
        #expect(document.problems == [])
        let key = try #require(document.keys.first)
        #expect(document.pairs == ["\(temporaryID):\(exampleSecret)"] && key.expiration == 1_769_860_800)
        #expect(document.text(key.sessionToken) == "t")
        #expect(key.region == (content.contains("region") ? "eu-west-1" : nil))
    }

    @Test(
        "names in other letters are not these names",
        arguments: ["ACCESSKEYID", "access_key_id", "accesskeyid"])
    func otherNames(name: String) throws {
        #expect(
            try refusal(of: "{\"\(name)\": \"\(exampleID)\", \"x\": \"\(exampleSecret)\"}") == .noKeys(.json))
    }

    @Test("escapes in names and values are undone in place")
    func unescapes() throws {
        let document = try parse(
            #"{"Access\u004beyId": "\#(exampleID)", "SecretAccessKey": "\"\\\/\u0041","#
                + #" "UserName": "\u00fc\u20AC\ud83d\ude00"}"#)
        #expect(document.pairs == [#"\#(exampleID):"\/A"#])
        #expect(document.keys[0].userName == "ü€😀")
    }

    @Test("blanks around a user are left out, as they are of a table")
    func trimsUser() throws {
        let document = try parse("{\(Self.members), \"UserName\": \"  Bob\\t\"}")
        #expect(document.keys.map(\.userName) == ["Bob"])
        #expect(try parse("{\(Self.members), \"UserName\": \" \"}").keys.map(\.userName) == [nil])
    }

    @Test("an empty or null token is no token, as is a null date")
    func readsNull() throws {
        let document = try parse("{\(Self.members), \"SessionToken\": \"\", \"Expiration\": null}")
        #expect(document.keys.map(\.sessionToken) == [nil] && document.problems == [])
    }

    @Test(
        "an object with a wrong part is a problem",
        arguments: [
            ("{\"Version\": 2, \(members)}", "'Version' is not 1"),
            ("{\"Version\": \"1\", \(members)}", "'Version' is not 1"),
            ("{\(members), \"SessionToken\": 5}", "'SessionToken' is not a string"),
            ("{\(members), \"Expiration\": \"tomorrow\"}", "expiration"),
            ("{\(members), \"CreateDate\": \"2015-02-30T00:00:00Z\"}", "creation date"),
            ("{\(members), \"AccountId\": \"1\"}", "12 digits"),
            ("{\(members), \"UserName\": \"a\\u0000b\"}", "control characters"),
            ("{\(members), \"UserName\": \"\\u009b\"}", "control characters"),
            ("{\"AccessKeyId\": \"\(exampleID)\"}", "secret access key is missing"),
            ("{\"AccessKeyId\": \"\(exampleID)\", \"SecretAccessKey\": \"a b\"}", "printable"),
            ("{\"AccessKeyId\": \"\(exampleID)\", \"SecretAccessKey\": null}", "missing"),
        ])
    func reports(content: String, word: String) throws {
        #expect(try parse(content).onlyProblem().reason.contains(word))
    }

    @Test(
        "what breaks the grammar or a bound is refused with its line",
        arguments: [
            ("{", "ends early"), ("{\"a\"}", "':'"), ("{\"a\":1,}", "unquoted"), ("{'a':1}", "unquoted"),
            ("{\"a\":1 \"b\":2}", "'}'"), ("[{},]", "missing value"), ("{\"a\":01}", "leading zero"),
            ("{\"a\":1.}", "point"), ("{\"a\":1e}", "exponent"), ("{\"a\":-}", "missing value"),
            ("{\"a\":+1}", "missing value"), ("{\"a\":nul}", "missing value"),
            ("{\"a\":NaN}", "missing value"),
            ("{\"a\":True}", "missing value"), ("{\"a\":\"\t\"}", "control"), ("{\"a\":\"\\x\"}", "escape"),
            ("{\"a\":\"\\u12g4\"}", "hexadecimal"), ("{\"a\":\"\\ud800\"}", "surrogate"),
            ("{\"a\":\"\\udc00\"}", "surrogate"), ("{\"a\":\"\\ud800\\u0041\"}", "surrogate"),
            ("{\"a\":\"x", "inside a string"), ("{}{}", "follows"), ("{} x", "follows"),
            ("{\"a\":1,\"b\":2,\"a\":3}", "duplicate name"), ("{\"a\":1,\"\\u0061\":2}", "duplicate name"),
            ("{\(members), \"x\": {\"y\": 1, \"y\": 1}}", "duplicate name"), ("{// c\n}", "unquoted"),
            (String(repeating: "[", count: 100_000), "nested"),
            (String(repeating: "{\"a\":", count: 17) + "1" + String(repeating: "}", count: 17), "nested"),
            ("{\"a\":\"\(String(repeating: "x", count: 70_000))\"}", "longer than"),
        ])
    func refuses(content: String, word: String) throws {
        let error = try #require(try refusal(of: "\n" + content))
        guard case .malformedJSON(let line, let reason) = error else {
            Issue.record("refused as \(error)")
            return
        }
        #expect(line == 2 && reason.contains(word))
    }

    @Test("sixteen arrays and objects inside each other are read")
    func readsToDepth() throws {
        let nested = String(repeating: "[", count: 15) + String(repeating: "]", count: 15)
        #expect(try parse("{\(Self.members), \"x\": \(nested)}").keys.count == 1)
    }

    @Test("a key in an object of another purpose is not taken")
    func ignoresElsewhere() throws {
        #expect(try refusal(of: "{\"Other\": {\(Self.members)}}") == .noKeys(.json))
        #expect(try refusal(of: "{\"Other\": [{\(Self.members)}]}") == .noKeys(.json))
    }
}
