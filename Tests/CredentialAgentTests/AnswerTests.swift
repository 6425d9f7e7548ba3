import AgentProtocol
import CredentialVault
import SecureMemory
import TestSupport
import Testing

@testable import CredentialAgent

/// What the agent answers from an unlocked vault, and how it is changed through it.
struct AnswerTests {
    private let agent: TestAgent

    init() throws {
        agent = try TestAgent()
        _ = try agent.unlock()
    }

    private var path: [UInt8] { bytes(agent.location.path) }

    private func add(_ count: Int) throws {
        try agent.vault.update { contents in
            for number in 0..<count {
                var entry = Entry(name: "key-\(number)", accessKeyID: "AKIAIOSFODNN7EXAMPLE")
                entry.note = String(repeating: "n", count: 1000)
                try contents.add(entry, secretAccessKey: secret("s"))
            }
        }
    }

    @Test("an entry that clients shall ask for again has an expiration, the earlier of two")
    func exposure() throws {
        try agent.vault.update { try $0.change("prod") { $0.exposeFor = 3600 } }
        #expect(try agent.credentials().text(0).contains("\"Expiration\":\"2023-11-14T23:13:20Z\""))
        try agent.vault.update { try $0.change("prod") { $0.expiration = 1_700_000_060 } }
        #expect(try agent.credentials().text(0).contains("\"Expiration\":\"2023-11-14T22:14:20Z\""))
        agent.now.unix += 60
        #expect(try agent.credentials().code == 66, "they have ended")
    }

    @Test("a list comes in pages that fit, with every entry once and no secret")
    func pages() throws {
        try add(200)
        var names: [String] = []
        var pages = 0
        repeat {
            let page = try agent.ask(.list, path, number(UInt32(names.count)))
            #expect(page.kind == AgentMessage.Answer.entries.rawValue && page.number(5) == 201)
            #expect(page.fields.joined().count <= AgentMessage.partLimit)
            #expect(page.fields[0] == headerMAC)
            #expect(!String(decoding: page.fields.joined(), as: UTF8.self).contains("made-up"))
            for field in page.fields.dropFirst(6) {
                let entry = Entry(encoded: field.rawSpan)
                names.append(try #require(entry).name)
            }
            pages += 1
        } while names.count < 201 && pages < 50
        #expect(pages > 2 && names.count == 201 && Set(names).count == 201)
    }

    @Test("one entry or role is described by its name, and costs no other")
    func described() throws {
        try add(3)
        try agent.vault.update { contents in
            try contents.add(
                Role(name: "admin", roleARN: "arn:aws:iam::123456789012:role/Admin", source: "prod"))
        }
        let entry = try agent.ask(.describe, path, bytes("key-1"))
        let role = try agent.ask(.describe, path, bytes("admin"))
        #expect(entry.kind == AgentMessage.Answer.entries.rawValue && entry.fields.count == 7)
        #expect(entry.fields[0] == headerMAC && entry.number(5) == 5)
        let (entryField, roleField) = (entry.fields[6], role.fields[6])
        let found = Entry(encoded: entryField.rawSpan)
        let other = Role(encoded: roleField.rawSpan)
        #expect(found?.name == "key-1" && other?.source == "prod")
        #expect(!String(decoding: entry.fields.joined(), as: UTF8.self).contains("made-up"))
    }

    @Test("counting keys and roles does not delay the idle lock")
    func counted() throws {
        try add(3)
        try agent.vault.update { contents in
            try contents.add(
                Role(name: "admin", roleARN: "arn:aws:iam::123456789012:role/Admin", source: "prod"))
        }
        let deadline = agent.state.deadline
        agent.now.boot += 5
        let counts = try agent.ask(.counts)
        #expect(
            counts.kind == AgentMessage.Answer.counts.rawValue && counts.number(0) == 4
                && counts.number(1) == 1)
        #expect(agent.state.deadline == deadline)
        _ = try agent.ask(.lock)
        #expect(try agent.ask(.counts).code == 77)
    }

    @Test("nothing is described for a name that is none, while it is locked, or of another vault")
    func notDescribed() throws {
        #expect(try agent.ask(.describe, path, bytes("other")).fields.count == 6)
        #expect(try agent.ask(.describe, bytes("/elsewhere"), bytes("prod")).code == 66)
        _ = try agent.ask(.lock)
        #expect(try agent.ask(.describe, path, bytes("prod")).code == 77)
    }

    private var headerMAC: [UInt8] { (try? agent.vaultHeaderMAC()) ?? [] }

    private func begin(flags: UInt32 = 0, mac: [UInt8]? = nil) throws -> TestAgent.Answer {
        try agent.ask(.begin, path, mac ?? headerMAC, number(flags))
    }

    private func change(_ kind: VaultChanges.Kind, _ name: String, _ entry: Entry?) throws
        -> TestAgent.Answer
    {
        try agent.ask(
            .change, [kind.rawValue], bytes(name), entry?.encoded() ?? [], entry == nil ? [] : bytes("key"),
            [])
    }

    @Test("changes come back as the next sealed file, and the agent writes nothing")
    func changes() throws {
        #expect(try begin().code == nil)
        #expect(try change(.add, "", Entry(name: "new", accessKeyID: "AKIAIOSFODNN7EXAMPLE")).code == nil)
        #expect(try change(.remove, "prod", nil).code == nil)
        let before = agent.vault.generation
        let commit = try agent.ask(.commit)
        let image = try #require(commit.image)
        #expect(commit.number(0) == UInt64(image.count) && commit.number(2) == 1)
        #expect(try agent.fileGeneration() == before)
        try agent.write(image)
        #expect(try agent.credentials("new").code == nil)
        #expect(try agent.credentials().code == 66)
    }

    @Test(
        "the parts of an image are whole frames, and together the image",
        arguments: [1, 61_440, 61_441, 200_000])
    func parts(count: Int) throws {
        let image = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let frames = try AgentServer.parts(of: image)
        var found: [UInt8] = []
        var position = 0
        while position < frames.count {
            let rest = Array(frames[position...])
            guard case .size(let size) = FrameHead(rest.rawSpan),
                var frame = FrameReader(rest.rawSpan.extracting(first: size)), let part = frame.next(),
                frame.kind == AgentMessage.Answer.part.rawValue
            else {
                Issue.record("it is no part")
                return
            }
            found += [UInt8](part)
            position += size
        }
        #expect(found == image)
    }

    @Test("a file that was saved meanwhile is not changed")
    func meanwhile() throws {
        let old = headerMAC
        try add(1)
        #expect(try begin(mac: old).code == 75)
        _ = try begin()
        _ = try change(.remove, "prod", nil)
        try agent.vault.update { try $0.change("prod") { $0.note = "x" } }
        #expect(try agent.ask(.commit).code == 75)
    }

    @Test("a change or a commit without a begin is no request")
    func unbegun() throws {
        #expect(try change(.remove, "prod", nil) == .malformed)
        #expect(try agent.ask(.commit) == .malformed)
        _ = try begin()
        _ = try agent.ask(.commit)
        #expect(try agent.ask(.commit) == .malformed, "a commit ends it")
    }

    @Test("what breaks a rule of the vault is refused at the commit")
    func refused() throws {
        _ = try begin()
        _ = try change(.add, "", Entry(name: "prod", accessKeyID: "AKIAIOSFODNN7EXAMPLE"))
        #expect(try agent.ask(.commit).code == 73)
    }

    @Test("a lock between begin and commit ends it")
    func lockedMeanwhile() throws {
        _ = try begin()
        agent.state.lock()
        #expect(try change(.remove, "prod", nil).code == 77)
        #expect(try agent.ask(.commit).code == 77)
    }

    @Test("changes that were begun before a lock are not gone on with after the next unlock")
    func unlockedAgain() throws {
        for request in [AgentMessage.Request.change, .commit] {
            _ = try agent.unlock()
            _ = try begin()
            _ = try change(.remove, "prod", nil)
            agent.state.lock()
            _ = try agent.unlock()
            let answer = try request == .commit ? agent.ask(.commit) : change(.remove, "prod", nil)
            #expect(answer.code == 75 && answer.image == nil)
        }
    }

    @Test("changes that take too much locked memory are refused, with a way on")
    func tooLarge() throws {
        agent.state.changesLockedLimit = 16 << 10
        _ = try begin()
        let entry = Entry(name: "new", accessKeyID: "AKIAIOSFODNN7EXAMPLE")
        let key = [UInt8](repeating: 1, count: 4000)
        let answers = try (0..<5).map { _ in
            try agent.ask(.change, [1], bytes(""), entry.encoded(), key, []).code
        }
        #expect(answers.first == .some(nil) && answers.last == 71)
    }

    @Test(
        "secrets are compared in the agent, and leave it for nobody",
        arguments: [
            ("made-up", "", true), ("made-up", "token", false), ("made-uq", "", false), ("", "", false),
        ])
    func comparison(key: String, token: String, isSame: Bool) throws {
        // Also where the key itself is not served.
        try agent.vault.update { contents in
            try contents.change("prod") {
                $0.serve = .session
                $0.accountID = "123456789012"
            }
        }
        let answer = try agent.ask(.compare, path, bytes("prod"), bytes(key), bytes(token))
        #expect(answer.kind == AgentMessage.Answer.comparison.rawValue)
        #expect(answer.fields == [[isSame ? 1 : 0]])
    }

    @Test("the request that once handed long-lived secrets out is none any more")
    func noSecrets() throws {
        var frame = try SecretBuffer(capacity: 400, limit: 4000)
        let start = try frame.beginFrame(5 as UInt8)
        for field in [path, bytes("prod")] { try frame.appendField(field) }
        try frame.endFrame(start)
        #expect(try agent.send([UInt8](frame.bytes)) == .malformed)
    }

    @Test("a list names what its roles and entries refer to")
    func references() throws {
        try agent.vault.update { contents in
            try contents.add(
                Role(name: "admin", roleARN: "arn:aws:iam::123456789012:role/Admin", source: "prod"))
            try contents.add(
                Entry(name: "served", accessKeyID: "AKIAIOSFODNN7EXAMPLE"), secretAccessKey: secret("s"))
            try contents.change("served") { $0.serve = .role("admin") }
        }
        let page = try agent.ask(.list, path, number(0 as UInt32))
        #expect(page.number(5) == 3)
        var roles: [String: String] = [:]
        var served: [String: Entry.Serve] = [:]
        for field in page.fields.dropFirst(6) {
            if let role = Role(encoded: field.rawSpan) {
                roles[role.name] = role.source
            } else if let entry = Entry(encoded: field.rawSpan) {
                served[entry.name] = entry.serve
            }
        }
        #expect(roles == ["admin": "prod"])
        #expect(served == ["prod": .key, "served": .role("admin")])
    }

    @Test("no more commands change at once than are let")
    func tooMany() throws {
        var frame = try SecretBuffer(capacity: 400, limit: 4000)
        let start = try frame.beginFrame(AgentMessage.Request.begin)
        for field in [path, headerMAC, number(0 as UInt32)] { try frame.appendField(field) }
        try frame.endFrame(start)
        let bytes = [UInt8](frame.bytes)
        #expect(try agent.send(bytes, mayBegin: false).code == 75)
    }

    @Test("the message of an error fits into its field, whatever name was asked for")
    func longNames() throws {
        let answer = try agent.credentials(String(repeating: "ä", count: 500))
        #expect(answer.code == 66 && answer.fields[1].count <= 512)
        #expect(try agent.credentials(String(repeating: "x", count: 2000)) == .malformed)
    }
}

extension TestAgent {
    /// The MAC of the header on the disk.
    func vaultHeaderMAC() throws -> [UInt8] { Array(try file()[(8192 - 32)..<8192]) }

    func fileGeneration() throws -> UInt64 {
        try file()[32..<40].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
