import AWSValues
import AgentProtocol
import CredentialVault
import DurableFiles
import Platform
import SecureMemory
import Testing

@testable import CredentialAgent

/// What a session is asked for, what is taken for one, and when it ends.
extension SessionTests {
    @Test("a policy that narrows the role asks for a session of its own")
    func narrowed() throws {
        try fetch()
        try agent.vault.update { try $0.changeRole("admin") { $0.policy = "{}" } }
        #expect(text(try ask("admin")).contains("Policy=%7B%7D"))
    }

    @Test("a session is not used when the clock was set back far", arguments: [(900, true), (901, false)])
    func setBack(seconds: Int64, isUsed: Bool) throws {
        try fetch()
        agent.now.unix -= seconds
        #expect(try ask("admin").kind == (isUsed ? json : lease))
    }

    @Test("the sessions of one name are forgotten, and those of others stay")
    func clearedAlone() throws {
        try agent.vault.update { try $0.add(Role(name: "other", roleARN: Self.arn + "3", source: "prod")) }
        try fetch()
        #expect(try deliver(ask("other"), reply()).kind == json)
        #expect(try agent.ask(.clear, bytes(agent.location.path), bytes("admin")).number(0) == 1)
        #expect(try ask("other").kind == json)
        #expect(try ask("admin").kind == lease)
    }

    @Test("a role that a role assumes is asked for an hour at most")
    func chainedHour() throws {
        try agent.vault.update { try $0.changeRole("deep") { $0.sessionSeconds = 7200 } }
        let second = try deliver(ask("deep"), reply())
        #expect(text(second).contains("role%2FAdmin2") && text(second).contains("DurationSeconds=3600"))
    }

    @Test(
        "a secret or a token that could not be AWS's is no session",
        arguments: [
            ("a-made-up-session-secret", "token\nX-Evil: 1"), ("a-made-up-session-secret", "to ken"),
            ("a-made-up-session-secret", ""), ("a-made-up-session-secret", "tökén"),
            ("a-made-up-session-secret", String(repeating: "t", count: 6145)), ("too-short", "token"),
            ("a-made-up\u{1}-session-secret", "token"), (String(repeating: "s", count: 513), "token"),
        ])
    func strangeSecrets(key: String, token: String) throws {
        let end = Timestamp.text(agent.now.unix + 3600)
        let start = "AssumeRoleResponse/AssumeRoleResult/Credentials/"
        let pairs = [
            (start + "AccessKeyId", Self.id), (start + "SecretAccessKey", key),
            (start + "SessionToken", token), (start + "Expiration", end),
        ]
        #expect(try deliver(ask("admin"), reply(pairs: pairs)).code == 65)
    }

    // MARK: the sealed file

    @Test("two files of sealed sessions have different nonces")
    func nonces() throws {
        try fetch()
        let first = try #require(try agent.sessionFiles().first)[8..<32]
        _ = try agent.ask(.clear, bytes(agent.location.path), [])
        try fetch()
        let second = try #require(try agent.sessionFiles().first)[8..<32]
        #expect(first != second)
    }

    @Test("sealed sessions that belong to another user are not read", .enabled(if: geteuid() == 0))
    func foreignOwner() throws {
        try fetch()
        let folder = agent.location.stateDirectory + "/sessions"
        let name = try #require(try Directory(folder).names().first { !$0.hasPrefix(".") })
        for (owner, isRead) in [(0, true), (65_534, false)] as [(uid_t, Bool)] {
            #expect(unsafe chown(folder + "/" + name, owner, 0) == 0)
            _ = try agent.ask(.lock)
            _ = try agent.unlock(idle: 50_000, total: 100_000)
            #expect(try ask("admin").kind == (isRead ? json : lease))
        }
    }

    // MARK: partitions and devices

    @Test(
        "without a region a role is asked for where its partition is",
        arguments: ["aws-cn", "aws-eusc", "aws-iso-f"])
    func partitions(_ partition: String) throws {
        let hosts = [
            "aws-cn": "sts.cn-north-1.amazonaws.com.cn", "aws-eusc": "sts.eusc-de-east-1.amazonaws.eu",
            "aws-iso-f": "sts.us-isof-south-1.csp.hci.ic.gov",
        ]
        let host = try #require(hosts[partition])
        try agent.vault.update { contents in
            try contents.change("prod") { $0.mfaSerial = "arn:\(partition):iam::123456789012:mfa/alice" }
            try contents.changeRole("admin") { $0.roleARN = "arn:\(partition):iam::123456789012:role/Admin" }
        }
        let first = try ask("admin", code: "123456")
        #expect(text(first).contains("https://\(host)/"))
        #expect(text(try deliver(first, reply())).contains("https://\(host)/"))
        #expect(text(try call(.getCallerIdentity)).contains("https://\(host)/"))
    }

    @Test("a role of one partition is not asked for in a region of another, unless there is an endpoint")
    func mixedPartitions() throws {
        try agent.vault.update { contents in
            try contents.change("prod") { $0.region = "eu-west-1" }
            try contents.changeRole("admin") { $0.roleARN = "arn:aws-cn:iam::123456789012:role/Admin" }
        }
        let answer = try ask("admin")
        #expect(answer.code == 65 && text(answer).contains("sealring set admin --region cn-north-1"))
        try agent.vault.update { try $0.change("prod") { $0.stsEndpoint = "https://sts.example/" } }
        #expect(text(try ask("admin")).contains("https://sts.example/"))
    }

    @Test(
        "a region that AWS does not have is named when a session is asked for",
        arguments: ["auto", "us-isox-east-1"])
    func impossibleRegion(_ region: String) throws {
        try agent.vault.update { try $0.change("prod") { $0.region = region } }
        let answer = try ask("admin")
        #expect(answer.code == 65 && text(answer).contains("invalid region '\(region)'"))
    }

    @Test("no code is asked for of a security key, which shows none")
    func securityKey() throws {
        try agent.vault.update {
            try $0.change("prod") { $0.mfaSerial = "arn:aws:iam::123456789012:u2f/user/alice/key" }
        }
        let answer = try ask("admin")
        #expect(answer.code == 65 && text(answer).contains("security key or passkey"))
        #expect(text(answer).contains("sealring mfa set prod --mfa-serial"))
        #expect(try ask("prod").kind == json, "the key itself needs none")
    }
}
