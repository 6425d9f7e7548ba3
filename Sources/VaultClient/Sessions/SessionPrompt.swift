import CredentialVault
import DurableFiles
import ProgramSupport

/// Gets a session for a helper whose user opted in to being asked for the code of an MFA device.
///
/// Twenty helpers may want this at once: one asks, and the others find the session when it is their turn.
package enum SessionPrompt {
    package static func run(_ name: String, _ client: Client, _ code: MFACode) throws {
        let state = try Paths.stateDirectory()
        try Directory.make(state)
        let directory = try Directory(state)
        let before = try PromptOutcome.count(in: directory)
        let lock = try FileLock("prompt.lock", in: directory, seconds: HelperUnlock.seconds)
        defer { extendLifetime(lock) }
        guard let vault = try AgentVault.unlocked(client.location, client.conversation) else {
            throw Failure(.notPermitted, "the vault is locked", hint: "run 'sealring unlock'")
        }
        // Whoever asked meanwhile was declined, and this is the same question.
        var mine = code
        if try PromptOutcome.count(in: directory) != before { mine.isSilent = true }
        do {
            _ = try vault.sessions(mine).credentials(name)
        } catch {
            PromptOutcome.countUp(in: directory)
            throw error
        }
    }
}
