import ArgumentParser
import VaultClient

/// The cost of the key derivation.
struct DerivationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Key derivation memory in MiB, 64 to 2048.", valueName: "mib"))
    var kdfMemory: UInt32?

    @Option(help: ArgumentHelp("Key derivation passes, 3 to 16.", valueName: "n"))
    var kdfPasses: UInt32?

    var choice: DerivationChoice { DerivationChoice(memory: kdfMemory, passes: kdfPasses) }
}
