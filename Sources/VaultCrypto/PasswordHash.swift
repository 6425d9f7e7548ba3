internal import CSodium
import Platform
package import SecureMemory

/// Argon2id version 1.3 with one lane and 32 bytes of output.
///
/// Source: RFC 9106; <https://doc.libsodium.org/password_hashing/default_phf>.
package enum PasswordHash {
    package static let saltCount = 16
    package static let outputCount = 32

    /// What one derivation costs.
    package struct Cost: Equatable, Sendable {
        /// Memory in KiB.
        package var memory: UInt32
        /// How often the memory is passed over.
        package var passes: UInt32

        package init(memory: UInt32, passes: UInt32) {
            self.memory = memory
            self.passes = passes
        }

        /// KiB times passes, which is what time is proportional to.
        package var work: UInt64 { UInt64(memory) * UInt64(passes) }

        /// Whether a single slot may ask for this: 64 MiB to 2 GiB, 3 to 16 passes.
        package var isWithinBounds: Bool {
            Self.memoryBounds.contains(memory) && Self.passesBounds.contains(passes)
        }

        package static let memoryBounds: ClosedRange<UInt32> = (64 << 10)...(2 << 20)
        package static let passesBounds: ClosedRange<UInt32> = 3...16
        /// The most that all slots of a file may ask for together: 16 GiB passed over once.
        package static let workLimit: UInt64 = 16 << 20
        package static let cheapest = Cost(memory: 64 << 10, passes: 3)
    }

    /// Derives 32 bytes from `passphrase`.
    ///
    /// - Precondition: `cost` is within its bounds and `salt` has 16 bytes.
    /// - Throws: ``CryptoError/notEnoughMemory(kibibytes:)`` when the system does not have the memory.
    package static func derive(
        passphrase: borrowing SecretBytes, salt: [UInt8], cost: Cost
    ) throws(CryptoError) -> SecretBytes {
        precondition(cost.isWithinBounds && salt.count == saltCount)
        Sodium.requireReady()
        var output = try Sodium.allocateSecret(outputCount)
        let count = UInt64(passphrase.count)
        var outputBytes = output.mutableBytes
        let result = outputBytes.withMutableAddress { output in
            passphrase.bytes.withAddress { text in
                let text = unsafe UnsafeRawPointer(text).assumingMemoryBound(to: CChar.self)
                return unsafe crypto_pwhash(
                    output, UInt64(outputCount), text, count, salt, UInt64(cost.passes),
                    Int(cost.memory) << 10, crypto_pwhash_ALG_ARGON2ID13)
            }
        }
        Sodium.wipeStack()
        // With these sizes libsodium fails for one reason only: its work memory could not be had.
        guard result == 0 else { throw .notEnoughMemory(kibibytes: cost.memory) }
        return output
    }

    /// The memory that a new vault takes at most where nothing is scarce, in KiB.
    package static let usualMemory: UInt32 = 512 << 10

    /// The memory that a new vault may take, in KiB: up to 512 MiB, a quarter of the `total` bytes and what
    /// is `available`, but never less than the format's 64 MiB.
    package static func mostMemory(total: Int, available: Int) -> UInt32 {
        let bytes = min(total / 4, available)
        let most = min(usualMemory, UInt32(clamping: max(bytes, 0) / 1024)) / 1024 * 1024
        return max(most, Cost.memoryBounds.lowerBound)
    }

    /// The cost that takes about `seconds` on this machine: up to `most` KiB, at least 64 MiB; then more
    /// passes on a faster machine.
    package static func calibrate(seconds: Double, most: UInt32) throws(CryptoError) -> Cost {
        // An eighth of the work or more tells the rest, and does not double the time of `init`.
        let probe = Cost(memory: max(most / 8, Cost.memoryBounds.lowerBound), passes: 3)
        let passphrase = try Sodium.randomSecret(16)
        let start = MonotonicClock.seconds()
        _ = try derive(
            passphrase: passphrase, salt: [UInt8](repeating: 0, count: saltCount), cost: probe)
        let perUnit = max(MonotonicClock.seconds() - start, 1e-3) / Double(probe.work)
        return cost(seconds: seconds, secondsPerUnit: perUnit, most: most)
    }

    /// The arithmetic of ``calibrate(seconds:most:)``, for a machine that needs `secondsPerUnit` for
    /// a KiB and a pass, with `most` KiB at hand.
    package static func cost(seconds: Double, secondsPerUnit: Double, most: UInt32) -> Cost {
        let affordable = seconds / secondsPerUnit
        let minimum = Cost.passesBounds.lowerBound
        let memory = UInt32(min(Double(most), affordable / Double(minimum))) / 1024 * 1024
        var cost = Cost(memory: max(memory, Cost.memoryBounds.lowerBound), passes: minimum)
        let passes = (affordable / Double(cost.memory)).rounded()
        // Half of what a file may ask for in all, so that a second slot always fits.
        let room = UInt32(Cost.workLimit / 2 / UInt64(cost.memory))
        let most = min(Cost.passesBounds.upperBound, room)
        cost.passes = UInt32(min(max(passes, Double(minimum)), Double(most)))
        return cost
    }
}
