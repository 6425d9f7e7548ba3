import AgentProtocol
import CredentialVault
import TestSupport
import Testing

@testable import CredentialAgent

/// When the vault locks, on a clock that the test sets.
struct LockingTests {
    private let agent: TestAgent

    init() throws { agent = try TestAgent() }

    @Test("a locked agent says so, and has no time to lock at")
    func locked() throws {
        let answer = try agent.credentials()
        #expect(answer.code == 77)
        #expect(answer.text(1) == "the vault is locked" && answer.text(2) == "run 'sealring unlock'")
        #expect(agent.state.deadline == nil)
    }

    @Test("the right key unlocks, and the credentials come as the line that clients read")
    func unlocks() throws {
        #expect(try agent.unlock().kind == AgentMessage.Answer.done.rawValue)
        let answer = try agent.credentials()
        #expect(
            answer.text(0)
                == "{\"Version\":1,\"AccessKeyId\":\"AKIAIOSFODNN7EXAMPLE\",\"SecretAccessKey\":\"made-up\"}\n"
        )
    }

    @Test("a wrong key unlocks nothing, and does not lock what is unlocked")
    func wrongKey() throws {
        #expect(try agent.unlock(key: [UInt8](repeating: 7, count: 32)).code == 65)
        #expect(agent.state.isLocked)
        _ = try agent.unlock()
        #expect(try agent.unlock(key: [UInt8](repeating: 7, count: 32)).code == 65)
        #expect(!agent.state.isLocked)
    }

    @Test("each use puts the idle lock off, and a status does not")
    func idle() throws {
        _ = try agent.unlock(idle: 60, total: 600)
        #expect(agent.state.deadline == 1060)
        agent.now.boot += 59
        _ = try agent.ask(.status)
        #expect(agent.state.deadline == 1060)
        _ = try agent.credentials()
        #expect(agent.state.deadline == 1119)
        agent.now.boot += 60
        #expect(try agent.credentials().code == 77, "the time has come, whether a timer has told or not")
        #expect(agent.state.isLocked)
    }

    @Test("a request that fails does not put the idle lock off")
    func failures() throws {
        _ = try agent.unlock(idle: 60, total: 600)
        agent.now.boot += 59
        #expect(try agent.credentials("missing").code == 66)
        #expect(try agent.ask(.credentials, bytes("/elsewhere"), bytes("prod"), []).code == 66)
        #expect(try agent.ask(.clear, bytes(agent.location.path), bytes("missing")).code == 66)
        #expect(agent.state.deadline == 1060)
    }

    @Test(
        "no client can have the vault unlocked for longer than a week, nor for no time",
        arguments: [(0, 60), (60, 0), (604_801, 60), (60, 604_801), (.max, .max)] as [(UInt32, UInt32)])
    func tooLong(idle: UInt32, total: UInt32) throws {
        #expect(try agent.unlock(idle: idle, total: total).code == 64)
        #expect(agent.state.isLocked)
        #expect(try agent.unlock(idle: 604_800, total: 604_800).code == nil)
    }

    @Test("a wrong key leaves the memory locked, the right one says so, and the next lock ends it")
    func unlockedMemory() throws {
        func unlock(_ key: [UInt8], _ flags: UInt32) throws -> TestAgent.Answer {
            try agent.ask(
                .unlock, bytes(agent.location.path), key, number(60 as UInt32), number(60 as UInt32),
                number(flags))
        }
        func state() throws -> String? {
            try agent.ask(.status).text(7).split(separator: "\n").map(String.init)
                .first { $0.hasPrefix("locked_memory=") }
        }
        defer { agent.state.lock() }
        #expect(try unlock([UInt8](repeating: 7, count: 32), 1).code == 65)
        #expect(!agent.state.allowsUnlockedMemory)
        #expect(try state() == nil)
        #expect(try unlock(agent.key(), 1).code == nil)
        #expect(agent.state.allowsUnlockedMemory)
        #expect(try state() == "locked_memory=not required, by --allow-unlocked-memory")
        #expect(try unlock([UInt8](repeating: 7, count: 32), 0).code == 65)
        #expect(agent.state.allowsUnlockedMemory, "who has no key changes nothing")
        #expect(try unlock(agent.key(), 0).code == nil)
        #expect(try state() == "locked_memory=required")
        _ = try unlock(agent.key(), 1)
        agent.state.lock()
        #expect(!agent.state.allowsUnlockedMemory)
    }

    @Test("nothing puts the lock off that comes in any case")
    func total() throws {
        _ = try agent.unlock(idle: 60, total: 100)
        for _ in 0..<9 {
            agent.now.boot += 11
            #expect(try agent.credentials().code == nil)
        }
        #expect(agent.state.deadline == 1100)
        agent.now.boot += 1
        #expect(try agent.credentials().code == 77)
    }

    @Test("the clock on the wall does not matter")
    func wallClock() throws {
        _ = try agent.unlock(idle: 60, total: 600)
        agent.now.unix -= 1_000_000
        #expect(try agent.credentials().code == nil)
        #expect(agent.state.deadline == 1060)
        let status = try agent.ask(.status)
        #expect(status.number(4) == UInt64(agent.now.unix) + 600)
        #expect(status.number(5) == UInt64(agent.now.unix) + 60)
    }

    @Test("unlocking again begins both times anew")
    func again() throws {
        _ = try agent.unlock(idle: 60, total: 100)
        agent.now.boot += 50
        _ = try agent.unlock(idle: 70, total: 200)
        #expect(agent.state.deadline == 1120)
    }

    @Test("a lock and a stop lock, locked or not", arguments: [AgentMessage.Request.lock, .stop])
    func lock(request: AgentMessage.Request) throws {
        _ = try agent.unlock()
        for _ in 0..<2 {
            let answer = try agent.ask(request)
            #expect(answer.kind == AgentMessage.Answer.done.rawValue && answer.isStop == (request == .stop))
            #expect(agent.state.isLocked)
        }
    }

    @Test("a changed passphrase locks, and so does an older file with the old one")
    func rekeyed() throws {
        _ = try agent.unlock()
        let before = try agent.key()
        try agent.vault.rekey(passphrase: secret("new"), cost: .cheapest, recoveryCode: nil)
        let answer = try agent.credentials()
        #expect(answer.code == 77 && answer.text(2) == "run 'sealring unlock'")
        #expect(agent.state.isLocked)
        #expect(try agent.unlock(key: before).code == 65)
        _ = try agent.unlock()
        #expect(!agent.state.isLocked)
    }

    @Test("another vault is not served, and its requests change nothing")
    func otherPath() throws {
        _ = try agent.unlock()
        let answer = try agent.ask(.credentials, bytes("/elsewhere/vault"), bytes("prod"), [])
        #expect(answer.code == 66 && answer.text(1).contains(agent.location.path))
        #expect(try agent.unlock(path: "/elsewhere/vault").code == 66)
        #expect(!agent.state.isLocked)
    }

    @Test("the status tells what is in force, and of a locked vault nothing more")
    func status() throws {
        var status = try agent.ask(.status)
        #expect(status.number(0) == 7 && status.text(1) == agent.location.path && status.number(2) == 1)
        #expect(
            status.number(3) == 0 && status.number(4) == 0 && status.number(5) == 0 && status.number(6) == 0)
        #expect(status.text(7) == "version=\(ProgramVersion.text)\nseccomp=on\nlandlock=no")
        _ = try agent.unlock()
        status = try agent.ask(.status)
        #expect(
            status.text(7)
                == "version=\(ProgramVersion.text)\nseccomp=on\nlandlock=no\nlocked_memory=required")
        #expect(status.number(2) == 0 && status.number(3) == agent.vault.generation && status.number(6) == 1)
    }
}
