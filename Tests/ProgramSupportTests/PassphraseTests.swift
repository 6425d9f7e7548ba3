import DurableFiles
import ProgramSupport
import SecureMemory
import TestSupport
import Testing

struct PassphraseTextTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let text: String
        let firstLine: String
        var whole: String?
        var hasMore = false
        var testDescription: String { text.debugDescription }
    }

    @Test(
        "the first line is the passphrase, or the whole text",
        arguments: [
            Case(text: "horse", firstLine: "horse"), Case(text: "horse\n", firstLine: "horse"),
            Case(text: "horse\r\n", firstLine: "horse"), Case(text: " horse \n", firstLine: " horse "),
            Case(
                text: "horse\nlogin: alice\n", firstLine: "horse", whole: "horse\nlogin: alice", hasMore: true
            ),
            Case(text: "horse\r\nx\r\n", firstLine: "horse", whole: "horse\r\nx", hasMore: true),
            Case(text: "horse\n\n", firstLine: "horse", whole: "horse\n"),
            Case(text: "horse\n \t\r\n", firstLine: "horse", whole: "horse\n \t"),
            Case(text: "horse\r", firstLine: "horse\r"), Case(text: "horse\0", firstLine: "horse\0"),
            Case(text: "\nhorse\n", firstLine: "", whole: "\nhorse", hasMore: true),
            Case(text: "\u{FEFF}horse\r\n", firstLine: "horse", whole: "\u{FEFF}horse"),
            Case(text: "\u{FEFF}horse\nx", firstLine: "horse", whole: "\u{FEFF}horse\nx", hasMore: true),
            Case(text: "horse\n" + String(repeating: "x", count: 2000), firstLine: "horse", hasMore: true),
        ])
    func parts(_ example: Case) throws {
        let text = try PassphraseText(secret(example.text), limit: 1024, source: "a file")
        #expect(text.firstLine.exposedText == example.firstLine)
        switch text.whole {
        case .some(let whole): #expect(whole.exposedText == example.whole)
        case .none: #expect(example.whole == nil)
        }
        #expect(text.hasMoreLines == example.hasMore)
    }

    @Test(
        "a text without a passphrase, or with one that is too long, is refused",
        arguments: [
            "", "\n", "\r\n", String(repeating: "x", count: 1025),
            String(repeating: "x", count: 1025) + "\ny",
        ])
    func refused(text: String) throws {
        let failure = try failure { _ = try PassphraseText(secret(text), limit: 1024, source: "the file x") }
        #expect(failure?.code == .malformed)
        let words = (failure?.message ?? "") + (failure?.hint ?? "")
        #expect(words.contains("the file x"))
    }

    private func failure(_ body: () throws -> Void) throws -> Failure? {
        do {
            try body()
            return nil
        } catch { return error as? Failure }
    }
}

struct NewPassphraseTests {
    @Test("what cannot be typed is refused", arguments: ["", "a\0b", "a\nb", "a\tb", "\u{1B}[A", "a\u{7F}"])
    func untypable(text: String) throws {
        let passphrase = try secret(text)
        #expect(throws: Failure.self) { try NewPassphrase.require(passphrase) }
    }

    @Test("all other text is taken", arguments: [" ", "x", "päss wörd", "\"'$\\~", "日本語"])
    func typable(text: String) throws { try NewPassphrase.require(secret(text)) }

    @Test(
        "a short, repeated or counted-up passphrase is weak",
        arguments: [
            "x", "hunter2", "password", "Password123!", "letmein", "qwertzuiop", "1234567890123456",
            "abcdefghijklmnop",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "abcabcabcabcabcabcabcabcabc", "correct horse", "19840523",
            "PASSWORD!",
            "                                        ", "passwordpasswordpasswordpassword", "ääääääää",
        ])
    func weak(text: String) throws { #expect(try NewPassphrase.isWeak(secret(text))) }

    @Test(
        "random words and random characters are not",
        arguments: [
            "correct horse battery staple", "oven-tulip-gravel-mimic", "Uj7$kq!92LmP", "xK9fQ2mZr7Tb",
            "f3a9c17e0b5d2846", "süß ölig über äther",
        ])
    func strong(text: String) throws { #expect(try !NewPassphrase.isWeak(secret(text))) }

    @Test("repetition makes no passphrase strong, however long")
    func long() throws {
        let text = String(repeating: "ab", count: 512)
        #expect(try NewPassphrase.isWeak(secret(text)))
    }
}

struct PassphraseFileFailureTests {
    @Test(
        "a passphrase file that an orchestrator mounts gets a way that works",
        arguments: [
            (
                FileError.readableByOthers(path: "/run/secrets/a b", mode: 0o444),
                "chmod go= '/run/secrets/a b'"
            ),
            (.symbolicLink(path: "/run/secrets/a b", target: "..data/p"), "the target"),
            (.foreignOwner(path: "/run/secrets/a b", uid: 65534), "of your own"),
        ])
    func mounted(error: FileError, also: String) {
        let failure = Failure(error, passphraseFile: "/run/secrets/a b")
        let hint = failure.hint ?? ""
        #expect(failure.code == .notPermitted)
        #expect(
            hint.contains("SEALRING_PASSPHRASE_COMMAND=\"cat '/run/secrets/a b'\"") && hint.contains(also))
    }

    @Test("a file that this user may not read names the user")
    func unreadable() {
        let failure = Failure(.system(call: "open", path: "/x", code: 13), passphraseFile: "/x")
        #expect(failure.code == .notPermitted && failure.hint?.contains("let this user (uid ") == true)
    }

    @Test("other faults keep their words")
    func others() {
        let error = FileError.missing(path: "/x")
        #expect(Failure(error, passphraseFile: "/x") == Failure(error))
    }

    @Test(
        "a path is one word of a shell",
        arguments: [
            ("/a/b-c.d_1", "/a/b-c.d_1"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("$(x)", "'$(x)'"),
            ("", "''"),
        ])
    func quoted(text: String, expected: String) { #expect(text.shellQuoted == expected) }
}
