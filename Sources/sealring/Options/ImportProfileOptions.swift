import ArgumentParser
import VaultClient

/// What `import` does about profiles in `~/.aws/config`.
struct ImportProfileOptions: ParsableArguments {
    @Flag(
        inversion: .prefixedNo, exclusivity: .exclusive,
        help: "Write the profile into ~/.aws/config without asking, or do not.")
    var configure: Bool?

    @Option(help: "The profile's name; by default the entry's.")
    var profile: String?

    @Option(help: "The region of the entry and its profile.")
    var region: String?

    @Flag(help: "Let the profile derive the key at each call, for a service that has no agent.")
    var agentless = false

    var request: ImportProfiles {
        ImportProfiles(configure: configure, profile: profile, region: region, isAgentless: agentless)
    }
}
