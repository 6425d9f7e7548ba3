import ArgumentParser
import VaultClient

/// The profile that a command offers for what it has just put into the vault.
struct OfferedProfile: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Write the profile to ~/.aws/config without asking, or not at all.")
    var configure: Bool?

    @Option(help: "Profile name. (default: the entry's name)")
    var profile: String?

    func validate() throws {
        if profile != nil, configure == false {
            throw ValidationError("--profile and --no-configure cannot be used together")
        }
    }

    var offer: ProfileOffer { ProfileOffer(configure: configure, profile: profile) }
}
