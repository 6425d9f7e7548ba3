import ArgumentParser
import ProgramSupport

/// The profile that a command offers for what it has just put into the vault.
struct OfferedProfile: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Write the profile into ~/.aws/config without asking, or do not.")
    var configure: Bool?

    @Option(help: "The profile's name; by default the entry's.")
    var profile: String?

    func validate() throws {
        if profile != nil, configure == false {
            throw ValidationError("--profile and --no-configure exclude each other")
        }
    }

    /// Checks what can be checked before anything is asked.
    func writer(for entry: String, region: String?, _ global: GlobalOptions) throws -> ProfileWriter {
        try ConfigureCommandRules.requireDefaultVault(global)
        return try ProfileWriter(
            entry: entry, profile: profile ?? entry, region: region, output: nil, isForced: false,
            isAgentless: false)
    }

    /// Writes the profile, or offers it where somebody can be asked.
    ///
    /// - Parameter checked: the writer that was made before, if there is one.
    func offer(
        _ checked: ProfileWriter?, for entry: String, region: String?, _ vault: any VaultAccess,
        _ global: GlobalOptions
    ) throws {
        let isDefault = try ConfigureCommandRules.isDefaultVault(global)
        guard configure != false, isDefault, configure == true || Terminal() != nil else {
            if configure == nil, isDefault {
                let command = ProfileWriter.command(entry: entry, profile: profile ?? entry)
                Console.hint("write a profile for it with '\(command)'")
            }
            return
        }
        let writer = try checked ?? writer(for: entry, region: region, global)
        guard try writer.write(configure == true ? .given : .asked) else { return }
        try writer.offerStaticKeys(into: vault, isAgreed: false, acceptingRollback: global.acceptRollback)
        EnvironmentKeys.warn()
    }
}
