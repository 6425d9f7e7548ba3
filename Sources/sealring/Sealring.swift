import ArgumentParser

@main struct Sealring: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sealring", version: "0.1.0")
}
