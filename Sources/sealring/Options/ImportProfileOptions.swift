import ArgumentParser
import VaultClient

/// What `import` does about profiles in `~/.aws/config`.
struct ImportProfileOptions: ParsableArguments {
    @Flag(
        inversion: .prefixedNo, exclusivity: .exclusive,
        help: "Write the profile to ~/.aws/config without asking, or not at all.")
    var configure: Bool?

    @Option(help: "Profile name. (default: the entry's name)")
    var profile: String?

    @Option(help: "Region of the entry and its profile.")
    var region: String?

    @Flag(help: "Derive the key at each call, for services without an agent.")
    var agentless = false

    var request: ImportProfiles {
        ImportProfiles(configure: configure, profile: profile, region: region, isAgentless: agentless)
    }
}
