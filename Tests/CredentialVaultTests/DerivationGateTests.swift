import DurableFiles
import Platform
import SecureMemory
import Synchronization
import TestSupport
import Testing
import VaultCrypto

@testable import CredentialVault

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
        guard case .notEnoughMemory(let needed, let available?, .some) = refused else {
            Issue.record("it is not refused for its memory")
            return
        }
        #expect(needed == Int(UInt32.max) << 10 + 16 << 20 && (1..<needed).contains(available) && !isStarted)
    }

    #if os(Linux)
        @Test(
            "what does not fit beside what is in use is refused, and so is what never fits",
            arguments: [(75, 65), (89, 79), (40, 40)])
        func limits(addressSpace: Int, available: Int) throws {
            let system = try FakeSystem()
            defer { withExtendedLifetime(system) {} }
            var gate = DerivationGate(scratch.location)
            gate.memory = system.memory(addressSpace: addressSpace << 20)
            let refused = reason { _ = try gate.run(.cheapest, key) }
            #expect(
                refused
                    == .notEnoughMemory(
                        needed: 80 << 20, available: (addressSpace < 80 ? addressSpace : available) << 20,
                        limit: .addressSpace))
            gate.memory = system.memory(addressSpace: 90 << 20)
            _ = try gate.run(.cheapest, key)
        }

        @Test("a second derivation runs beside the first where both fit, and waits where they do not")
        func places() throws {
            try Directory.make(scratch.location.stateDirectory)
            let first = try FileLock(
                "derivation.lock", in: Directory(scratch.location.stateDirectory), seconds: 0)
            defer { extendLifetime(first) }
            let system = try FakeSystem()
            defer { withExtendedLifetime(system) {} }
            var gate = DerivationGate(scratch.location)
            gate.timeout = 0
            gate.places = 2
            for (addressSpace, fits) in [(154, true), (153, false)] {
                gate.memory = system.memory(addressSpace: addressSpace << 20)
                let refused = reason { _ = try gate.run(.cheapest, key) }
                #expect(refused == (fits ? nil : .noTurn(after: .seconds(0))), "with \(addressSpace) MiB")
            }
        }
    #endif

    @Test("a derivation whose turn does not come is given up, and does not run")
    func timeout() throws {
        try Directory.make(scratch.location.stateDirectory)
        let directory = try Directory(scratch.location.stateDirectory)
        let first = try FileLock("derivation.lock", in: directory, seconds: 0)
        let second = try FileLock("derivation-2.lock", in: directory, seconds: 0)
        defer {
            extendLifetime(first)
            extendLifetime(second)
        }
        var gate = DerivationGate(scratch.location)
        #expect(gate.timeout == 55, "AWS clients give up after 60 s")
        gate.timeout = 0.05
        gate.places = 2
        var isStarted = false
        let refused = reason {
            _ = try gate.run(.cheapest) { () throws(CryptoError) in
                isStarted = true
                return try Sodium.randomSecret(32)
            }
        }
        #expect(refused == .noTurn(after: .seconds(0)))
        #expect(!isStarted)
    }

    @Test("without a state directory the derivation runs")
    func noState() throws {
        let location = VaultLocation(path: scratch("vault"), stateDirectory: "/dev/null/state")
        _ = try DerivationGate(location).run(.cheapest, key)
    }

    @Test("a derivation waits for another one of this user")
    func waits() throws {
        let location = scratch.location
        try Directory.make(location.stateDirectory)
        let held = try FileLock("derivation.lock", in: Directory(location.stateDirectory), seconds: 0)
        let progress = Progress()
        inThread {
            progress.isAtWork.store(true, ordering: .sequentiallyConsistent)
            var gate = DerivationGate(location)
            gate.places = 1
            _ = try? gate.run(.cheapest) { () throws(CryptoError) in
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

private func key() throws(CryptoError) -> SecretBytes { try Sodium.randomSecret(32) }

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
