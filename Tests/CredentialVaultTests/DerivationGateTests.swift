import DurableFiles
import SecureMemory
import Synchronization
import Testing
import VaultCrypto

@testable import CredentialVault

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

struct DerivationGateTests {
    let scratch = Scratch()

    @Test("a derivation that the machine has no memory for is refused with the figures, before it starts")
    func memory() throws {
        let cost = PasswordHash.Cost(memory: .max, passes: 3)
        var isStarted = false
        let refused = reason {
            _ = try DerivationGate(scratch.location).run(cost) { () throws(CryptoError) in
                isStarted = true
                return try Sodium.randomSecret(32)
            }
        }
        guard case .notEnoughMemory(let needed, let available?) = refused else {
            Issue.record("it is not refused for its memory")
            return
        }
        #expect(needed == Int(UInt32.max) << 10 && (1..<needed).contains(available) && !isStarted)
    }

    @Test("a derivation waits for another one of this user")
    func waits() throws {
        let location = scratch.location
        try Directory.make(location.stateDirectory)
        let held = try FileLock("derivation.lock", in: Directory(location.stateDirectory), seconds: 0)
        let progress = Progress()
        inThread {
            progress.isAtWork.store(true, ordering: .sequentiallyConsistent)
            _ = try? DerivationGate(location).run(.cheapest) { () throws(CryptoError) in
                progress.isDerived.store(true, ordering: .sequentiallyConsistent)
                return try Sodium.randomSecret(32)
            }
        }
        let isAtWork = comesTrue(progress.isAtWork)
        #expect(isAtWork)
        usleep(50_000)
        let isEarly = progress.isDerived.load(ordering: .sequentiallyConsistent)
        #expect(!isEarly)
        release(held)
        let isDerived = comesTrue(progress.isDerived)
        #expect(isDerived)
    }
}

private final class Progress: Sendable {
    let isAtWork = Atomic(false)
    let isDerived = Atomic(false)
}

/// Whether the flag is set within ten seconds.
private func comesTrue(_ flag: borrowing Atomic<Bool>) -> Bool {
    for _ in 0..<10_000 {
        if flag.load(ordering: .sequentiallyConsistent) { return true }
        usleep(1_000)
    }
    return false
}

private func release(_ lock: consuming FileLock) {}
