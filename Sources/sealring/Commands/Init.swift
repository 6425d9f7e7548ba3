import ArgumentParser
import CredentialVault
import ProgramSupport
import SecureMemory
import VaultClient

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Create a vault.",
        discussion: """
            Prompts for the passphrase twice, and shows the recovery code once. By default, the key derivation is \
            tuned to take about one second on this machine.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Option(help: ArgumentHelp("Key derivation memory in MiB, 64 to 2048.", valueName: "mib"))
    var kdfMemory: UInt32?

    @Option(help: ArgumentHelp("Key derivation passes, 3 to 16.", valueName: "n"))
    var kdfPasses: UInt32?

    @OptionGroup var recovery: NewRecoveryCode

    func run() throws {
        let location = try global.location()
        try recovery.requireWayOut()
        if (try? SealedVault.read(location)) != nil {
            throw VaultError(.exists, path: location.path)
        }
        let cost = try DerivationOptions.namingThem {
            try DerivationOptions.cost(memory: kdfMemory, passes: kdfPasses)
        }
        let passphrase = try global.client().passphraseSource.readNew(
            prompt: "New passphrase: ", conversation)
        let issued = try recovery.issue()
        do {
            let progress = Progress("deriving the key", conversation)
            let vault = try Vault.create(
                at: location, passphrase: passphrase, cost: cost, recoveryCode: issued.code)
            progress.end()
            conversation.warn(unremembered: vault.unremembered)
        } catch {
            issued.settle(after: error)
            throw DerivationOptions.namingThem(error)
        }
        try issued.tell()
        Console.note("made \(location.path.printable)")
    }
}

/// The cost of the key derivation as it is given on the command line.
enum DerivationOptions {
    static func cost(memory: UInt32?, passes: UInt32?) throws -> DerivationCost {
        guard memory != nil || passes != nil else {
            let progress = Progress("measuring the key derivation", conversation)
            let measured = try DerivationCost.calibration()
            progress.end()
            if let scarcity = measured.scarcity {
                let usual = DerivationCost.usualMemory >> 10
                Console.note(
                    "the key derivation uses \(measured.cost.memory >> 10) MiB instead of \(usual), "
                        + "to fit into \(scarcity.available >> 20) MiB (\(scarcity.limit.text))")
            }
            return measured.cost
        }
        let (kibibytes, overflow) = (memory ?? 512).multipliedReportingOverflow(by: 1024)
        guard !overflow, let cost = DerivationCost(memory: kibibytes, passes: passes ?? 3) else {
            throw Failure(
                .usage,
                "the key derivation takes 64 to 2048 MiB and 3 to 16 passes, 16 GiB times passes at most")
        }
        return cost
    }

    /// A lack of memory for a new derivation is cured with these options; `passwd` could not lower a cost that
    /// no vault has yet.
    static func namingThem(_ error: any Error) -> any Error {
        guard let vault = error as? VaultError,
            case .notEnoughMemory(let needed, let available, let limit) = vault.reason
        else { return error }
        return Failure.memory(
            needed, available, limit,
            hint: "raise the limit, or give less memory with --kdf-memory (64 or more)")
    }

    static func namingThem<Result: ~Copyable>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch { throw namingThem(error) }
    }
}
