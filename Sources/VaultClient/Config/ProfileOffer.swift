import ProgramSupport

/// The profile that a command offers for what it has just put into the vault.
package struct ProfileOffer {
    /// Whether it is written without asking, or not at all; nil asks.
    package let configure: Bool?
    /// The profile's name; nil for the entry's.
    package let profile: String?

    package init(configure: Bool?, profile: String?) {
        self.configure = configure
        self.profile = profile
    }

    /// Checks the profile's name, before anything is asked.
    package func check() throws { try ProfileRules.checkName(profile) }

    /// Checks what can be checked before anything is asked.
    package func writer(for entry: String, region: String?, _ client: Client) throws -> ProfileWriter {
        try ProfileRules.requireDefaultVault(client)
        return try ProfileWriter(
            entry: entry, profile: profile ?? entry, region: region, output: nil, isForced: false,
            isAgentless: false, of: .ofUser(), client.conversation)
    }

    /// Writes the profile, or offers it where somebody can be asked.
    ///
    /// - Parameter checked: the writer that was made before, if there is one.
    package func offer(
        _ checked: ProfileWriter?, for entry: String, region: String?, _ vault: any VaultAccess,
        _ client: Client
    ) throws {
        let isDefault = try ProfileRules.isDefaultVault(client)
        guard configure != false, isDefault, configure == true || client.conversation.canAsk else {
            if configure == nil, isDefault, ProfileIndex.read()[entry].isEmpty {
                let command = ProfileWriter.command(entry: entry, profile: profile ?? entry)
                client.conversation.hint("write a profile for it with '\(command)'")
            }
            return
        }
        let writer = try checked ?? writer(for: entry, region: region, client)
        guard try writer.write(configure == true ? .given : .asked) else { return }
        try writer.offerStaticKeys(into: vault, isAgreed: false, acceptingRollback: client.acceptsRollback)
        EnvironmentKeys.warn(client.conversation)
    }
}
