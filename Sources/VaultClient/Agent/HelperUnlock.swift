import AgentProtocol
import CredentialVault
package import DurableFiles
import Platform
import ProgramSupport
import SecureMemory

/// How a person is asked while an AWS client waits.
package enum HelperPrompt: String, Sendable {
    case tty
    case pinentry
}

/// Unlocks for a helper whose user opted in to being asked.
///
/// Twenty helpers may want this at once: one asks, the others wait for what comes of it.
package enum HelperUnlock {
    /// AWS clients give up soon after.
    package static let seconds = Double(Timeouts.question)

    package static func run(_ prompt: HelperPrompt, _ client: Client, _ limits: AgentLimits) throws {
        let deadline = client.conversation.monotonic + seconds
        let location = client.location
        let state = try Paths.stateDirectory()
        try Directory.make(state)
        let directory = try Directory(state)
        let before = try PromptOutcome.count(in: directory)
        let lock = try FileLock("prompt.lock", in: directory, seconds: seconds)
        defer { extendLifetime(lock) }
        if try AgentVault.unlocked(location, client.conversation) != nil { return }
        // Whoever asked meanwhile was declined, and this is the same question.
        guard try PromptOutcome.count(in: directory) == before else {
            throw Self.locked(nil)
        }
        do {
            let sealed = try SealedVault.read(location)
            let agent = try AgentProcess.connectOrStart(for: location)
            let key = try ask(prompt, client, sealed, until: deadline)
            let opened = try OpenedVault(sealed, key, nil)
            try agent.unlock(location, opened.vault, limits)
        } catch {
            PromptOutcome.countUp(in: directory)
            throw error
        }
    }

    /// Asks until the answer opens the vault; a terminal three times, within the time of the AWS client.
    private static func ask(
        _ prompt: HelperPrompt, _ client: Client, _ sealed: borrowing SealedVault, until deadline: Double
    ) throws -> FoundKey {
        // A source that needs nobody is better than a question.
        let source = client.passphraseSource
        var question = "Sealring passphrase: "
        var tries = source.isTerminal && prompt == .tty ? 3 : 1
        while true {
            let text =
                try source.isTerminal
                ? Self.asking { try answer(question, by: prompt, until: deadline, client.conversation) }
                : source.read(prompt: "", isSilent: true, client.conversation)
            if let found = try FoundKey.search(sealed, text, nil) { return found }
            tries -= 1
            guard tries > 0 else {
                throw FoundKey.none(sealed.location, text, from: client.passphraseOrigin)
            }
            question = Client.secondPrompt
        }
    }

    /// A question that cannot be asked, or gets no answer, leaves the vault locked: that is what a person reads
    /// first.
    private static func asking(_ body: () throws -> PassphraseText) throws -> PassphraseText {
        do { return try body() } catch { throw locked(Failure.of(error)) }
    }

    private static func locked(_ cause: Failure?) -> Failure {
        Failure(
            .notPermitted, "the vault is locked\(cause.map { ": \($0.message)" } ?? "")",
            hint: cause?.hint ?? "run 'sealring unlock'")
    }

    private static func answer(
        _ question: String, by prompt: HelperPrompt, until deadline: Double,
        _ conversation: any Conversation
    ) throws -> PassphraseText {
        let limit = PassphraseSource.limit
        switch prompt {
        case .tty:
            guard conversation.canAsk else {
                throw Failure(.notPermitted, "there is no terminal to ask on")
            }
            return try PassphraseText(line: conversation.askSecret(question, limit: limit, until: deadline))
        case .pinentry:
            conversation.endProgress()
            return try PassphraseText(line: Pinentry.ask(limit: limit, until: deadline))
        }
    }
}

/// How many questions have ended without an unlocked vault, for those who wait for the same one.
package enum PromptOutcome {
    private static let name = "prompt.declined"

    package static func count(in directory: borrowing Directory) throws -> Int {
        do { return try directory.status(of: name)?.size ?? 0 } catch { throw error }
    }

    /// Each one is a byte, up to a page of them.
    static func countUp(in directory: borrowing Directory) {
        do {
            let size = try count(in: directory)
            let flags = size < 4096 ? O_WRONLY | O_CREAT | O_APPEND : O_WRONLY | O_CREAT | O_TRUNC
            let file = try directory.open(name, flags: flags, mode: 0o600)
            let byte: StaticString = "\n"
            try file.write(byte.rawSpan)
        } catch {
            // The others ask for themselves then.
        }
    }
}
