import AgentProtocol
import CredentialVault
import DurableFiles
import ProgramSupport
import SecureMemory
import Testing

struct VaultFailureTests {
    @Test(
        "what is wrong with a vault has a stable exit code",
        arguments: [
            (.missing, .missing), (.exists, .exists), (.damaged("x"), .malformed),
            (.unsupported("x"), .malformed),
            (.cost("x"), .malformed), (.wrongPassphrase, .notPermitted), (.wrongRecoveryCode, .notPermitted),
            (.mistypedRecoveryCode, .malformed), (.noSuchSlot, .missing), (.passphraseLength, .malformed),
            (.notEnoughMemory(needed: 1, available: nil, limit: nil), .memory),
            (.secretMemory(.cannotLock(count: 1, code: 1)), .memory),
            (.secretMemory(.cannotAllocate(count: 1, code: 1)), .memory),
            (.busy, .busy), (.noTurn(after: .seconds(55)), .busy), (.rekeyedMeanwhile, .busy),
            (.otherVault, .busy),
            (.revoked, .malformed),
            (.notSuccessor(.rollback(seen: 2, found: 1)), .malformed), (.noSuchEntry("x"), .missing),
            (.noSuchRole("x"), .missing), (.nameTaken("x"), .exists),
            (.inUse("x", by: "y", as: .source), .exists),
            (.roleLoop(["x"]), .malformed), (.roleChain(["x"]), .malformed), (.invalidValue("x"), .malformed),
            (.full, .malformed), (.durabilityUnknown, .inputOutput), (.foreignSlots, .malformed),
        ] as [(VaultError.Reason, Failure.Code)])
    func code(reason: VaultError.Reason, code: Failure.Code) {
        #expect(Failure(VaultError(reason, path: "/v")).code == code)
    }

    @Test("the numbers of the exit codes are those of sysexits")
    func numbers() {
        let codes: [Failure.Code] = [
            .usage, .malformed, .missing, .unavailable, .memory, .exists, .inputOutput, .busy, .notPermitted,
        ]
        #expect(codes.map(\.rawValue) == [64, 65, 66, 69, 71, 73, 74, 75, 77])
    }

    @Test(
        "a lack of memory is told with its figures and its limit",
        arguments: [
            (528 << 20, 117 << 20, .controlGroup, "needs 528 MiB, 117 MiB available (limit of the container"),
            (
                (80 << 20) - 1, (80 << 20) - 1, .addressSpace,
                "needs 80 MiB, 79 MiB available (limit of 'ulimit -v')"
            ),
            (80 << 20, 1, .data, "0 MiB available (limit of 'ulimit -d')"),
            (80 << 20, 1 << 20, .machine, "1 MiB available (this machine)"),
            (80 << 20, nil, nil, "needs 80 MiB"),
        ] as [(Int, Int?, MemoryLimit?, String)])
    func memory(needed: Int, available: Int?, limit: MemoryLimit?, says: String) {
        let failure = Failure(
            VaultError(.notEnoughMemory(needed: needed, available: available, limit: limit), path: "/v"))
        #expect(failure.message.hasPrefix("not enough memory: ") && failure.message.contains(says))
        #expect((failure.hint ?? "").contains("sealring passwd --kdf-memory 64"))
    }

    @Test(
        "root is not told to remove a user's socket",
        arguments: [
            (.directoryOwner, true, "sudo -H"), (.socketOwner, true, "sudo -H"), (.peer, true, "sudo -H"),
            (.directoryOwner, false, "SEALRING_AGENT_SOCKET"), (.notSocket, true, "remove it"),
            (.directoryPermissions, true, "chmod 700"),
        ] as [(AgentError.Fault, Bool, String)])
    func socket(fault: AgentError.Fault, asRoot: Bool, says: String) {
        let failure = Failure.untrusted(fault, asRoot: asRoot)
        #expect(failure.code == .notPermitted && failure.hint?.contains(says) == true)
    }

    @Test("memory that cannot be locked is told with its limit")
    func locked() {
        let failure = Failure.cannotLock(24_624, limit: 64 << 10)
        #expect(failure.message == "cannot lock 25 KiB of memory against swapping (of 64 KiB allowed)")
        #expect(failure.code == .memory && (failure.hint ?? "").contains("ulimit -l"))
        #expect(!Failure.cannotLock(1, limit: nil).message.contains("allowed"))
    }

    @Test(
        "a file of another user is told with what to do",
        arguments: [
            (1000, "/h/.local", true, "/h", "sudo -H"), (0, "/h/.local", true, "/h", "sudo -H"),
            (0, "/h/.local", false, "/h", "'sudo chown -R $(id -u) /h/.local'"),
            (1000, "/h/.local", false, "/h", "of your own"), (0, "/h", false, "/h", "of your own"),
            (0, "/hh/x", false, "/h", "of your own"), (0, "/", false, "/", "of your own"),
            (0, "/etc", false, "/", "of your own"), (0, "/etc", false, nil, "of your own"),
        ] as [(UInt32, String, Bool, String?, String)])
    func owner(uid: UInt32, path: String, asRoot: Bool, home: String?, says: String) {
        #expect(Failure.cure(ofOwner: uid, path, asRoot: asRoot, home: home).contains(says))
    }
}
