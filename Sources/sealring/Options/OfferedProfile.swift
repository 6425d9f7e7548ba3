import ArgumentParser
import VaultClient

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

    var offer: ProfileOffer { ProfileOffer(configure: configure, profile: profile) }
}
