import SecureMemory
import TestSupport
import Testing
import VaultCrypto

struct PasswordHashTests {
    typealias Cost = PasswordHash.Cost

    @Test(
        "a derived key is what the reference implementation of Argon2id gives",
        arguments: KnownAnswers.passwords)
    func derives(_ answer: KnownAnswers.Password) throws {
        let derived = try PasswordHash.derive(
            passphrase: secret(bytes(answer.passphrase)), salt: bytes(answer.salt),
            cost: Cost(memory: answer.memory, passes: answer.passes))
        #expect(derived.exposed == bytes(answer.output))
    }

    @Test(
        "costs are within bounds from 64 MiB to 2 GiB and from 3 to 16 passes",
        arguments: [
            (64 << 10, 3, true), (2 << 20, 16, true), (64 << 10 - 1, 3, false), (2 << 20 + 1, 3, false),
            (64 << 10, 2, false), (64 << 10, 17, false), (0, 0, false), (.max, .max, false),
        ] as [(UInt32, UInt32, Bool)])
    func bounds(memory: UInt32, passes: UInt32, expected: Bool) {
        #expect(Cost(memory: memory, passes: passes).isWithinBounds == expected)
    }

    @Test(
        "a second buys this cost",
        arguments: [
            // Seconds for a KiB and a pass, KiB at hand, and what is taken.
            (6.3e-7, 512 << 10, 512 << 10, 3),
            (3.2e-7, 512 << 10, 512 << 10, 6),
            (1e-9, 512 << 10, 512 << 10, 16),
            (1.28e-6, 512 << 10, 254 << 10, 3),
            (1, 512 << 10, 64 << 10, 3),
            (6.4e-7, 128 << 10, 128 << 10, 12),
            (6.4e-7, 64 << 10, 64 << 10, 16),
            (1e-9, 2 << 20, 2 << 20, 4),
        ] as [(Double, UInt32, UInt32, UInt32)])
    func arithmetic(perUnit: Double, most: UInt32, memory: UInt32, passes: UInt32) {
        let cost = PasswordHash.cost(seconds: 1, secondsPerUnit: perUnit, most: most)
        #expect(cost == Cost(memory: memory, passes: passes))
    }

    @Test("whatever a machine measures, the cost is within bounds, and a second slot of it fits")
    func arithmeticBounds() {
        for exponent in -12...3 {
            for most in [64, 65, 100, 511, 512, 2048] as [UInt32] {
                var perUnit = 1.0
                for _ in 0..<abs(exponent) { perUnit *= exponent < 0 ? 0.1 : 10 }
                let cost = PasswordHash.cost(seconds: 1, secondsPerUnit: perUnit, most: most << 10)
                #expect(cost.isWithinBounds && cost.memory <= most << 10)
                #expect(cost.work * 2 <= Cost.workLimit)
            }
        }
    }

    @Test("a machine with little memory measures with what it has")
    func calibration() throws {
        let cost = try PasswordHash.calibrate(seconds: 0.01, most: 64 << 10)
        #expect(cost == .cheapest)
    }

    @Test(
        "a new vault takes a quarter of the memory and no more than is left, 64 to 512 MiB",
        arguments: [
            (8 << 30, 4 << 30, 512), (1 << 30, 1 << 30, 256), (2 << 30, 600 << 20, 512),
            (2 << 30, 300 << 20, 300),
            (600 << 20, 500 << 20, 150), (8 << 30, 100 << 20, 100), (100 << 20, 90 << 20, 64), (0, 0, 64),
            (.max, .max, 512), (8 << 30, -1, 64), (8 << 30, 100 << 20 - 1, 99),
        ] as [(Int, Int, UInt32)])
    func most(total: Int, available: Int, expected: UInt32) {
        #expect(PasswordHash.mostMemory(total: total, available: available) == expected << 10)
    }

    #if os(Linux)
        @Test("memory that Argon2id cannot have is told as that")
        func notEnoughMemory() async {
            await #expect(processExitsWith: .success) {
                let passphrase = try secret([1])
                try #require(limitAddressSpace(toMore: 32 << 20))
                #expect(throws: CryptoError.notEnoughMemory(kibibytes: 64 << 10)) {
                    _ = try PasswordHash.derive(
                        passphrase: passphrase, salt: [UInt8](repeating: 0, count: 16), cost: .cheapest)
                }
            }
        }
    #endif
}
