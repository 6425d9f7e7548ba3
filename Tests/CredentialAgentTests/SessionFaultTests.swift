import AWSValues
import AgentProtocol
import CredentialVault
import DurableFiles
import Platform
import SecureMemory
import Testing

@testable import CredentialAgent

/// What goes wrong between the agent, its clients and AWS, and whom it reaches.
extension SessionTests {
    static let wrongCode = "MultiFactorAuthentication failed with invalid MFA one time pass code."

    // MARK: clocks and codes

    @Test("a sealed seed makes another code when AWS's clock is another", arguments: [-600, 600] as [Int64])
    func seedAndClock(skew: Int64) throws {
        try setDevice(seed: "12345678901234567890")
        let first = try ask("admin")
        let second = try deliver(first, refusal("SignatureDoesNotMatch", date: agent.now.unix + skew))
        #expect(second.kind == lease && code(second) != code(first))
        #expect(try deliver(second, reply(date: agent.now.unix + skew)).kind == lease)
    }

    @Test("a code that was refused is made once more by AWS's clock, where that shows another one")
    func codeAndClock() throws {
        try setDevice(seed: "12345678901234567890")
        let first = try ask("admin")
        let refused = try refusal("AccessDenied", Self.wrongCode, date: agent.now.unix + 60)
        let second = try deliver(first, refused)
        #expect(second.kind == lease && code(second) != code(first))
        #expect(try deliver(second, refused).code == 77)
        // The clock is known now: the next code is right at once.
        agent.now.unix += 30
        #expect(code(try ask("admin")) != code(second))
    }

    @Test("a code that AWS refused is not made again while no other one is there")
    func codeAndRightClock() throws {
        try setDevice(seed: "12345678901234567890")
        let answer = try deliver(
            ask("admin"), refusal("AccessDenied", Self.wrongCode, date: agent.now.unix + 3))
        #expect(answer.code == 77 && text(answer).contains("rejected the MFA code"))
    }

    @Test("a typed code is never sent again, whatever AWS's clock says")
    func typedCode() throws {
        try setDevice()
        let refused = try refusal("AccessDenied", Self.wrongCode, date: agent.now.unix + 600)
        #expect(try deliver(ask("admin", code: "123456"), refused).code == 77)
    }

    @Test("a code stays used when the vault is locked and unlocked, or the time extended")
    func codesOutlast() throws {
        try setDevice()
        #expect(try ask("admin", code: "123456").kind == lease)
        for isLocked in [false, true] {
            _ = agent.state.disconnected(0)
            if isLocked { _ = try agent.ask(.lock) }
            _ = try agent.unlock(idle: 50_000, total: 100_000)
            #expect(try ask("admin", code: "123456").code == 77)
        }
        agent.restart()
        _ = try agent.unlock(idle: 50_000, total: 100_000)
        #expect(try ask("admin", code: "123456").code == 77)
        #expect(try ask("admin", code: "123457").kind == lease)
    }

    private func code(_ answer: TestAgent.Answer) -> String {
        guard let start = text(answer).firstRange(of: "TokenCode=")?.upperBound else { return "" }
        return String(text(answer)[start...].prefix(6))
    }

    @Test("another device has no seed of the one before")
    func otherDevice() throws {
        try setDevice(seed: "12345678901234567890")
        #expect(try ask("admin").kind == lease)
        _ = agent.state.disconnected(0)
        try agent.vault.update { try $0.change("prod") { $0.mfaSerial = "another-device" } }
        #expect(try ask("admin").kind == AgentMessage.Answer.codeNeeded.rawValue)
    }

    @Test("a role for longer than an hour is assumed by the key itself, with the code")
    func longRole() throws {
        try setDevice()
        try agent.vault.update { contents in
            try contents.changeRole("admin") { $0.sessionSeconds = 7200 }
            try contents.changeRole("deep") { $0.sessionSeconds = 3600 }
        }
        #expect(try ask("admin").kind == AgentMessage.Answer.codeNeeded.rawValue)
        let first = try ask("admin", code: "123456")
        for part in ["Action=AssumeRole", "DurationSeconds=7200", "TokenCode=123456", "mfa%2Falice"] {
            #expect(text(first).contains(part))
        }
        #expect(!text(first).contains("X-Amz-Security-Token"))
        #expect(try deliver(first, reply(lasting: 7200)).kind == json)
        // A role of that role asks for no code, and for an hour.
        let deep = try text(ask("deep"))
        #expect(deep.contains("role%2FAdmin2") && deep.contains("DurationSeconds=3600"))
        #expect(!deep.contains("TokenCode") && deep.contains("X-Amz-Security-Token"))
    }

    // MARK: who signs

    @Test("when a session has ended by AWS's clock, the key never signs in its place")
    func endedSigner() throws {
        #expect(try deliver(ask("admin"), reply(lasting: 1500)).kind == json)
        let deep = try ask("deep")
        #expect(text(deep).contains("role%2FAdmin2"))
        // Ten minutes later, by AWS's clock, the session of the first role is too old.
        let next = try deliver(deep, refusal("RequestExpired", date: agent.now.unix + 600))
        #expect(next.kind == lease)
        #expect(text(next).contains("role%2FAdmin&") && !text(next).contains("role%2FAdmin2"))
    }

    @Test("no session is asked for whose account could not be checked")
    func unknownAccount() throws {
        try agent.vault.update { contents in
            try contents.change("prod") { entry in
                entry.accountID = nil
                entry.serve = .session
            }
        }
        #expect(
            try call(.listAccessKeys).kind == AgentMessage.Answer.signed.rawValue, "it is the key that signs")
        let answer = try ask("prod")
        #expect(answer.code == 65 && text(answer).contains("account"))
        #expect(text(answer).contains("--account-id"))
    }

    @Test("the session of another role is not believed")
    func otherRole() throws {
        let end = Timestamp.text(agent.now.unix + 3600)
        let name = "AssumeRoleResponse/AssumeRoleResult/"
        for (role, isRight) in [("Other", false), ("Admin", true)] {
            let pairs = [
                (name + "Credentials/AccessKeyId", Self.id),
                (name + "Credentials/SecretAccessKey", "a-made-up-secret"),
                (name + "Credentials/SessionToken", "token"), (name + "Credentials/Expiration", end),
                (name + "AssumedRoleUser/Arn", "arn:aws:sts::123456789012:assumed-role/\(role)/sealring"),
            ]
            let answer = try deliver(ask("admin"), reply(pairs: pairs))
            #expect(isRight ? answer.kind == json : answer.code == 65)
        }
    }

    // MARK: leases and files

    @Test("a lease is not taken back after its time, although nobody else asked")
    func overdue() throws {
        let answer = try ask("admin")
        agent.now.boot += 10
        #expect(try deliver(answer, reply()).code == 69)
    }

    @Test("who extends the time takes no lease away")
    func extended() throws {
        let answer = try ask("admin", by: 1)
        agent.connection = 2
        _ = try agent.unlock()
        #expect(try ask("admin", by: 3).isParked)
        #expect(try deliver(answer, reply(), by: 1).kind == json)
    }

    @Test("a delivery whose next step somebody else is at goes on when that is done")
    func parkedDelivery() throws {
        try fetch()
        let other = try ask("deep", by: 2)
        #expect(text(other).contains("role%2FAdmin2"))
        agent.connection = 3
        _ = try agent.ask(.clear, bytes(agent.location.path), bytes("admin"))
        let mine = try ask("deep", by: 1)
        #expect(text(mine).contains("role%2FAdmin&"))
        let parked = try deliver(mine, reply(), by: 1)
        let waiting = try #require(parked.waiting)
        #expect(try deliver(other, reply(), by: 2).kind == json)
        agent.waiting = waiting
        #expect(try deliver(mine, reply(), by: 1).kind == json)
    }

    @Test("of too many sessions, the one that was just fetched stays")
    func manySessions() throws {
        try agent.vault.update { contents in
            for number in 0..<SessionStore.limit {
                var role = Role(name: "r\(number)", roleARN: Self.arn + "/R\(number)", source: "prod")
                role.sessionSeconds = 7200
                try contents.add(role)
            }
        }
        for number in 0..<SessionStore.limit {
            #expect(try deliver(ask("r\(number)"), reply(lasting: 7200)).kind == json)
        }
        try fetch()
        #expect(try ask("admin").kind == json)
        let forgotten = try agent.ask(.clear, bytes(agent.location.path), [])
        #expect(forgotten.number(0) == UInt64(SessionStore.limit))
    }

    @Test("codes are counted for each device by itself, and those of a seed do not run out")
    func manyCodes() throws {
        try setDevice(seed: "12345678901234567890")
        for number in 0..<70 {
            agent.now.unix += 30
            agent.now.boot += 30
            #expect(try ask("admin").kind == lease, "code \(number)")
            _ = agent.state.disconnected(0)
        }
    }

    @Test("a FIFO in the place of the sealed sessions keeps nobody waiting")
    func fifo() throws {
        try fetch()
        _ = try agent.ask(.lock)
        let folder = agent.location.stateDirectory + "/sessions"
        let name = try #require(
            try Directory(folder).names().first { !$0.hasPrefix(".") && $0 != "fetch.lock" })
        unsafe unlink(folder + "/" + name)
        #expect(unsafe mkfifo(folder + "/" + name, 0o600) == 0)
        // Somebody holds it open for writing, so that its end never comes.
        let writer = unsafe open(folder + "/" + name, O_RDWR)
        defer { close(writer) }
        _ = try agent.unlock()
        #expect(try ask("admin").kind == lease)
    }

    @Test("what is no file of this vault's key is no session")
    func foreignFile() throws {
        try fetch()
        let folder = agent.location.stateDirectory + "/sessions"
        let name = try #require(try Directory(folder).names().first { !$0.hasPrefix(".") })
        for content in [[], Array("SRNGSES1".utf8), [UInt8](repeating: 7, count: 500)] as [[UInt8]] {
            _ = try agent.ask(.lock)
            let file = try FileHandle.open(folder + "/" + name, flags: O_WRONLY | O_TRUNC)
            try file.write(content.rawSpan)
            _ = try agent.unlock(idle: 50_000, total: 100_000)
            #expect(try ask("admin").kind == lease)
            #expect(try agent.sessionFiles().isEmpty, "what nobody can open is gone")
            try fetchAgain()
        }
    }

    private func fetchAgain() throws {
        _ = agent.state.disconnected(0)
        try fetch()
    }

    // MARK: the console

    @Test("a key whose setting is a session opens the console with a federated one, as AWS wants it")
    func consoleOfASession() throws {
        try agent.vault.update { try $0.change("prod") { $0.serve = .session } }
        #expect(text(try call(.getSigninToken, .served)).contains("Action=GetFederationToken"))
    }

    @Test("AWS takes a time for the console only of a role that a key assumes by itself")
    func consoleTime() throws {
        let federated = "GetFederationTokenResponse/GetFederationTokenResult/Credentials/"
        let end = Timestamp.text(agent.now.unix + 3600)
        let pairs = [
            (federated + "AccessKeyId", Self.id), (federated + "SecretAccessKey", "a-made-up-session-secret"),
            (federated + "SessionToken", "made-up-token"), (federated + "Expiration", end),
        ]
        let refused = try deliver(call(.getSigninToken, .served, "7200"), reply(pairs: pairs))
        #expect(refused.code == 64 && text(refused).contains("--duration"))
        #expect(try call(.getSigninToken, .served).kind == AgentMessage.Answer.signed.rawValue)
    }
}
