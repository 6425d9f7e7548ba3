import CredentialVault
import ProgramSupport

/// The cost of the key derivation as it is given on the command line.
package struct DerivationChoice {
    /// In MiB; nil for what is measured to take about a second.
    let memory: UInt32?
    let passes: UInt32?

    package init(memory: UInt32?, passes: UInt32?) {
        self.memory = memory
        self.passes = passes
    }

    /// Refuses a cost that no vault may have, before anything is asked.
    func check() throws {
        if let memory, !(64...2048).contains(memory) {
            throw Failure(.usage, "invalid --kdf-memory '\(memory)': use 64 to 2048 (MiB)")
        }
        if let passes, !(3...16).contains(passes) {
            throw Failure(.usage, "invalid --kdf-passes '\(passes)': use 3 to 16")
        }
        if let memory, let passes, DerivationCost(memory: memory << 10, passes: passes) == nil {
            throw Self.tooMuch(memory, passes)
        }
    }

    private static func tooMuch(_ memory: UInt32, _ passes: UInt32) -> Failure {
        Failure(
            .usage,
            "\(memory) MiB with \(passes) passes cost too much: memory times passes is 16 GiB at most",
            hint: "give --kdf-memory \(16_384 / passes), or fewer passes")
    }

    /// The cost that was chosen, else the one that the vault has.
    func cost(of vault: borrowing Vault, _ conversation: any Conversation) throws -> DerivationCost {
        if memory == nil, passes == nil, let current = vault.derivationCost { return current }
        return try DerivationChoice(
            memory: memory ?? vault.derivationCost.map { $0.memory >> 10 },
            passes: passes ?? vault.derivationCost?.passes
        ).cost(conversation)
    }

    /// The cost for a new vault.
    func cost(_ conversation: any Conversation) throws -> DerivationCost {
        guard memory != nil || passes != nil else {
            let progress = Progress("measuring the key derivation", conversation)
            let measured = try DerivationCost.calibration()
            progress.end()
            if let scarcity = measured.scarcity {
                let usual = DerivationCost.usualMemory >> 10
                conversation.note(
                    "the key derivation uses \(measured.cost.memory >> 10) MiB instead of \(usual), "
                        + "to fit into \(scarcity.available >> 20) MiB (\(scarcity.limit))")
            }
            return measured.cost
        }
        try check()
        let (memory, passes) = (memory ?? 512, passes ?? 3)
        guard let cost = DerivationCost(memory: memory << 10, passes: passes) else {
            throw Self.tooMuch(memory, passes)
        }
        return cost
    }

    /// A lack of memory for a new derivation is cured with these options; `passwd` could not lower a cost that
    /// no vault has yet.
    static func namingThem(_ error: any Error) -> any Error {
        guard let vault = error as? VaultError, case .notEnoughMemory = vault.reason else { return error }
        return Failure(
            .memory, vault.description,
            hint: "raise the limit, or give less memory with --kdf-memory (64 or more)")
    }

    static func namingThem<Result: ~Copyable>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch { throw namingThem(error) }
    }
}
