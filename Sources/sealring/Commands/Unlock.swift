import AgentProtocol
import ArgumentParser
import CredentialVault
import DurableFiles
import ProgramSupport
import SecureMemory
import VaultClient

struct Unlock: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Unlock the vault for AWS clients until it locks itself.",
        discussion: """
            Starts the agent if none is running. The agent gets the vault key, never the passphrase. Unlocking again \
            restarts both timers.
            """)
    static let examples = [
        "sealring unlock",
        "sealring unlock --for 2h --idle 15m",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Option(
        name: .customLong("for"), parsing: .unconditional,
        help: ArgumentHelp("Lock after this time, used or not (1m to 7d).", valueName: "duration"))
    var total = "8h"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Lock after this time without use (1m to 7d). (default: 1h)", valueName: "duration"))
    var idle: String?

    private static let usualIdle = "1h"

    @Flag(help: "Continue even if the key may be swapped to disk.")
    var allowUnlockedMemory = false

    @Option(help: .hidden)
    var prompt: HelperPrompt?

    func validate() throws {
        if global.noAgent { throw ValidationError("unlock needs the agent: remove --no-agent") }
    }

    func run() throws {
        // Where no memory can be locked, not even the passphrase could be read.
        unsafe SecretPages.allowsUnlocked = allowUnlockedMemory
        let limits = try AgentLimits(
            idle: DurationText.seconds(idle ?? Self.usualIdle, in: 60...604_800),
            total: DurationText.seconds(total, in: 60...604_800),
            allowsUnlockedMemory: allowUnlockedMemory)
        if let prompt { return try HelperUnlock.run(prompt, global.client(), limits) }
        let location = try global.location()
        // What is wrong with the file or the agent is told before anything is asked.
        let sealed = try SealedVault.read(location)
        let client = try AgentProcess.connectOrStart(
            for: location, allowingUnlockedMemory: allowUnlockedMemory)
        let vault = try global.client().unlock(sealed)
        do {
            try client.unlock(location, vault, limits)
        } catch AgentError.ended {
            // The agent was told to end while the passphrase was asked for.
            try AgentProcess.connectOrStart(for: location, allowingUnlockedMemory: allowUnlockedMemory)
                .unlock(location, vault, limits)
        }
        // The longer of the two times never comes.
        guard limits.idle < limits.total else {
            let other = idle.map { "; --idle \($0) has no effect" } ?? ""
            Console.note("unlocked for up to \(total)\(limits.idle > limits.total ? other : "")")
            return EnvironmentKeys.warn(conversation)
        }
        Console.note("unlocked for up to \(total); locks after \(idle ?? Self.usualIdle) without use")
        EnvironmentKeys.warn(conversation)
    }
}

struct Lock: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Lock the vault now.",
        discussion: """
            Locks every agent of yours that it finds: the one of this environment, those of this vault, and those \
            that share the state directory. An agent that does not respond is stopped.
            """)
    static let examples = [
        "sealring lock",
        "sealring lock --stop",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Flag(help: "Stop the agent as well.")
    var stop = false

    func run() throws {
        let location = try global.location()
        var locking = AgentLocking(stopping: stop)
        locking.lock(try KnownAgent.registered(for: location, failures: &locking.failures))
        // It may be one that has registered nowhere, or a socket whose agent is yet to start.
        locking.lockEnvironment()
        if let first = locking.failures.first {
            for failure in locking.failures.dropFirst() {
                Console.warn(Failure.of(failure)?.message ?? "an agent could not be locked")
            }
            throw first
        }
        guard locking.found > 0 else {
            let path = try Paths.absolute(location.path).printable
            let isThere = FileStatus.of(location.path) != nil
            return Console.note("no agent found" + (isThere ? "" : ", and no vault at \(path)"))
        }
        if locking.ended > 0 { Console.warn("the agent did not respond, and was stopped") }
        Console.note(stop ? "locked, and stopped the agent" : "locked")
    }
}
