import AgentProtocol
import SecureMemory
import Testing

@testable import SealringCredentials

/// The agent's line, read as it was written.
struct CredentialLineTests {
    @Test(
        "what the agent writes is read back",
        arguments: [
            ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", nil, nil, nil),
            ("wJalrXUtnFEMI", "token==", 1_900_000_000, "123456789012"),
            ("quote\" slash\\ ünïcode € 😀 \u{7F}\u{1}", "x", 0, nil),
            (String(repeating: "k", count: 500), String(repeating: "t", count: 4096), 253_402_300_799, nil),
        ] as [(String, String?, Int64?, String?)])
    func roundTrip(key: String, token: String?, expiration: Int64?, account: String?) throws {
        let line = try Self.line(key, token: token, expiration: expiration, account: account)
        let read = try CredentialLine.credentials(line.bytes)
        guard let credentials = consume read else { throw Unreadable() }
        #expect(credentials.accessKeyID == "AKIAIOSFODNN7EXAMPLE")
        #expect(Self.text(credentials.secretAccessKey) == key)
        var readToken: String?
        if let bytes = credentials.sessionToken { readToken = Self.text(bytes) }
        #expect(readToken == token)
        #expect(credentials.expiration == expiration.map { .seconds($0) })
        #expect(credentials.accountID == account)
    }

    @Test("the beginning of a line is no line")
    func prefixes() throws {
        let line = try Self.line("secret\"€😀", token: "token", expiration: 1, account: "123456789012")
        for count in 0..<line.count {
            let isRead = try CredentialLine.credentials(line.bytes.extracting(first: count)) != nil
            #expect(!isRead)
        }
    }

    @Test(
        "what the agent does not write is refused",
        arguments: [
            #"{"Version":1}"#, #"{"Version":2,"AccessKeyId":"A","SecretAccessKey":"s"}"#,
            #"{"Version":1,"AccessKeyId":"A"}"#, #"{"Version":1,"SecretAccessKey":"s"}"#,
            #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":""}"#,
            #"{"Version":1,"AccessKeyId":"A","SessionToken":"t","SecretAccessKey":"s"}"#,
            #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SecretAccessKey":"s"}"#,
            #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","Expiration":"soon"}"#,
            #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","Other":"x"}"#,
            #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"\ud83d"}"#,
            #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"\udc00"}"#,
            #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"\n"}"#,
            #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s"}}"#,
            #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s" }"#,
        ])
    func malformed(text: String) throws {
        let line = Array((text + "\n").utf8)
        let isRead = try CredentialLine.credentials(line.rawSpan) != nil
        #expect(!isRead)
    }

    private struct Unreadable: Error {}

    private static func text(_ bytes: RawSpan) -> String {
        unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    private static func line(
        _ key: String, token: String?, expiration: Int64?, account: String?
    ) throws -> SecretBuffer {
        let token = token ?? ""
        let account = account ?? ""
        let (id, key) = (Array("AKIAIOSFODNN7EXAMPLE".utf8), Array(key.utf8))
        let (tokenBytes, accountBytes) = (Array(token.utf8), Array(account.utf8))
        return try CredentialProcessJSON.encode(
            accessKeyID: id.rawSpan, secretAccessKey: key.rawSpan,
            sessionToken: token.isEmpty ? nil : tokenBytes.rawSpan, expiration: expiration,
            accountID: account.isEmpty ? nil : accountBytes.rawSpan)
    }
}
