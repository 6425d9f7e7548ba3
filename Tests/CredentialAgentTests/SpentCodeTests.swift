import AgentProtocol
import CredentialVault
import DurableFiles
import Platform
import SecureMemory
import TestSupport
import Testing

@testable import CredentialAgent

/// Codes of MFA devices that were sent, and that no program of the user sends again.
extension SessionTests {
    @Test("a code that was sent for one vault is not sent for another one")
    func otherVault() throws {
        try setDevice()
        #expect(try ask("admin", code: "123456").kind == lease)
        let other = try TestAgent(stateDirectory: agent.location.stateDirectory)
        try other.vault.update { contents in
            try contents.change("prod") { entry in
                entry.accountID = "123456789012"
                entry.mfaSerial = "arn:aws:iam::123456789012:mfa/alice"
                entry.serve = .session
            }
        }
        _ = try other.unlock()
        let path = bytes(other.location.path)
        #expect(try other.ask(.credentials, path, bytes("prod"), bytes("123456")).code == 77)
        #expect(try other.ask(.credentials, path, bytes("prod"), bytes("123457")).kind == lease)
    }

    @Test("a code stays used when the passphrase is changed, and with it the key of the sealed sessions")
    func codesOutlastKeys() throws {
        try setDevice()
        #expect(try ask("admin", code: "123456").kind == lease)
        try agent.vault.rekey(passphrase: secret("new"), cost: .cheapest, recoveryCode: nil)
        _ = try agent.unlock()
        #expect(try ask("admin", code: "123456").code == 77)
    }

    @Test("a code is not sent while another program holds the record of codes, and is not spent by that")
    func lockIsHeld() throws {
        try setDevice()
        let folder = agent.location.stateDirectory + "/sessions"
        try Directory.make(folder)
        do {
            let lock = try FileLock(".lock", in: Directory(folder), seconds: 1)
            defer { extendLifetime(lock) }
            let answer = try ask("admin", code: "123456")
            #expect(answer.code == 75 && text(answer).contains("recording an MFA code"))
        }
        #expect(try ask("admin", code: "123456").kind == lease)
    }

    @Test(
        "a code is not sent while it is not known which were",
        arguments: [[], [1], [UInt8](repeating: 0, count: 66)])
    func damaged(content: [UInt8]) throws {
        try setDevice()
        let folder = agent.location.stateDirectory + "/sessions"
        try Directory.make(folder)
        let file = try Directory(folder).open(".codes", flags: O_WRONLY | O_CREAT, mode: 0o600)
        try file.write(content.rawSpan)
        let answer = try ask("admin", code: "123456")
        #expect(answer.code == 74 && text(answer).contains("\(folder)/.codes"))
        #expect(text(answer).contains("remove the file"))
    }

    @Test("a record of codes that is not a file of this user's is not used")
    func foreignRecord() throws {
        try setDevice()
        let folder = agent.location.stateDirectory + "/sessions"
        try Directory.make(folder)
        #expect(unsafe mkdir(folder + "/.codes", 0o700) == 0)
        #expect(try ask("admin", code: "123456").code == 65)
        #expect(unsafe rmdir(folder + "/.codes") == 0)
        #expect(unsafe symlink("/dev/null", folder + "/.codes") == 0)
        #expect(try ask("admin", code: "123456").code != nil)
    }

    @Test(
        "where no state can be written, the process itself remembers",
        .enabled(if: unsafe access("/sys/kernel", F_OK) == 0))
    func unwritable() throws {
        // A file system in which nobody makes directories.
        agent.state.spentCodes = SpentCodes("/sys/kernel") { TestAgent.codeKey }
        try setDevice()
        #expect(try ask("admin", code: "123456").kind == lease)
        _ = agent.state.disconnected(0)
        _ = try agent.ask(.lock)
        _ = try agent.unlock()
        #expect(try ask("admin", code: "123456").code == 77)
        #expect(try ask("admin", code: "123457").kind == lease)
    }
}

@Suite("The marks of spent codes")
struct CodeMarkTests {
    private typealias Moment = AgentState.Moment
    private static let start = AgentState.Moment(boot: 5000, unix: 1_700_000_000)

    private func spend(
        _ marks: inout CodeMarks, _ code: String, device: String = "GAHT12345678",
        at now: AgentState.Moment = start, key: UInt8 = 7
    ) throws -> CodeMarks.Spending {
        let code = Array(code.utf8)
        return try marks.spend(code.rawSpan, serial: device, now) { [UInt8](repeating: key, count: 32) }
    }

    private func copy(_ marks: CodeMarks) -> CodeMarks? {
        CodeMarks(bytes: marks.encoded)
    }

    private func made() throws -> CodeMarks {
        var marks = CodeMarks(key: CodeMarks.randomKey())
        #expect(try spend(&marks, "123456") == .done)
        return marks
    }

    @Test("a code is spent for its device alone, and after it was written and read")
    func device() throws {
        var marks = try #require(copy(made()))
        #expect(try spend(&marks, "123456") == .spentBefore)
        #expect(try spend(&marks, "123456", device: "GAHT12345679") == .done)
        #expect(try spend(&marks, "123457") == .done)
    }

    @Test(
        "a code is forgotten after ten minutes, when no clock says otherwise",
        arguments: [
            (599, 599, true), (600, 600, false), (600, 599, true), (599, 600, true), (599, 100_000, true),
            // The clock was set back, or the machine was started again.
            (10, -3600, true), (600, -3600, true), (600, -86_400, false), (-4900, 10, true),
            (-4900, 600, false),
            (Int64.max, Int64.max, false), (Int64.min, Int64.min, false),
        ] as [(Int64, Int64, Bool)])
    func time(boot: Int64, unix: Int64, isRemembered: Bool) throws {
        var marks = try made()
        let now = AgentState.Moment(
            boot: Self.start.boot.addingReportingOverflow(boot).partialValue,
            unix: Self.start.unix.addingReportingOverflow(unix).partialValue)
        #expect(try spend(&marks, "123456", at: now) == (isRemembered ? .spentBefore : .done))
    }

    @Test("a mark tells 12 bits of its code, so that many codes have it")
    func vague() throws {
        let marks = try made()
        let content = marks.encoded
        #expect(content.count == 40 + 26 && content[49] < 16)
        #expect(content.firstRange(of: Array("123456".utf8)) == nil)
        #expect(content.firstRange(of: Array("GAHT".utf8)) == nil)
        let others = try (0..<12_000).count { number in
            var marks = marks
            return try spend(&marks, "\(200_000 + number)") == .spentBefore
        }
        #expect((1...12).contains(others), "about three of 12,000")
    }

    @Test("each set of marks has a key of its own")
    func key() throws {
        var marks = try made()
        let later = AgentState.Moment(boot: 6000, unix: 1_700_001_000)
        #expect(try spend(&marks, "123456", at: later, key: 8) == .done)
        #expect(marks.encoded[8..<40].allSatisfy { $0 == 8 })
        #expect(CodeMarks.randomKey() != CodeMarks.randomKey() && CodeMarks.randomKey().count == 32)
    }

    @Test("codes of all devices together are bounded")
    func bounded() throws {
        var marks = try made()
        var number = 1
        while number < CodeMarks.entryLimit {
            #expect(try spend(&marks, "123456", device: "device-\(number)") == .done)
            number += 1
        }
        #expect(try spend(&marks, "123456", device: "one-more") == .tooMany)
        #expect(marks.encoded.count == CodeMarks.limit && copy(marks) != nil)
    }

    @Test("what is not a whole record is none")
    func malformed() throws {
        let whole = try made().encoded
        for bad in [[], Array(whole.dropLast()), whole + [0], Array(whole[..<39]), [0] + whole.dropFirst()] {
            #expect(CodeMarks(bytes: bad) == nil)
        }
        let long = whole + [UInt8](repeating: 0, count: CodeMarks.limit - 66 + 26)
        #expect(CodeMarks(bytes: long) == nil)
    }
}

extension CodeMarks {
    fileprivate init?(bytes: [UInt8]) { self.init(bytes.rawSpan) }
}
