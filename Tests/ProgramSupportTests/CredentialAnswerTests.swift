import CredentialVault
import Platform
import ProgramSupport
import Testing

@Suite("When a client has to ask again")
struct CredentialAnswerTests {
    @Test(
        "by the end of temporary credentials or the exposure, whichever comes first",
        arguments: [
            (nil, nil, nil), (nil, 900, 1900), (5000, nil, 5000), (5000, 900, 1900), (1500, 900, 1500),
            (1900, 900, 1900), (1001, 900, 1001),
        ] as [(Int64?, UInt32?, Int64?)])
    func expiration(end: Int64?, exposure: UInt32?, expected: Int64?) throws {
        var entry = Entry(name: "prod", accessKeyID: "AKIAIOSFODNN7EXAMPLE")
        (entry.expiration, entry.exposeFor) = (end, exposure)
        #expect(try CredentialAnswer.expiration(of: entry, now: 1000) == expected)
    }

    @Test("and never for credentials that have ended", arguments: [0, 999, 1000] as [Int64])
    func ended(end: Int64) {
        var entry = Entry(name: "prod", accessKeyID: "AKIAIOSFODNN7EXAMPLE")
        (entry.expiration, entry.exposeFor) = (end, 900)
        let failure = #expect(throws: Failure.self) {
            try CredentialAnswer.expiration(of: entry, now: 1000)
        }
        #expect(
            failure?.code == .missing
                && failure?.message.contains("expired at \(LocalTime.text(end))") == true)
    }
}

@Suite("A program that could not be started")
struct StartFailureTests {
    @Test(
        "the cause is named, and not another one",
        arguments: [
            (EPERM, "operation not permitted", "container engine"),
            (ENOSYS, "function not implemented", "container engine"),
            (EAGAIN, "temporarily unavailable", "ulimit -u"), (EACCES, "permission denied", "executable"),
            (ENOENT, "no such file", "install"), (ENOMEM, "cannot allocate", "memory"),
        ])
    func causes(code: Int32, says: String, hints: String) throws {
        let failure = Failure(cannotStart: "/x/sealring-agent", code: code, alternative: "use --no-agent")
        #expect(failure.code == .unavailable && failure.message.contains("/x/sealring-agent"))
        #expect(failure.message.contains(says), "\(failure.message)")
        let hint = try #require(failure.hint)
        #expect(hint.contains(hints) && hint.hasSuffix(", or use --no-agent"))
        #expect(hint.contains("install") == (code == ENOENT))
    }
}
