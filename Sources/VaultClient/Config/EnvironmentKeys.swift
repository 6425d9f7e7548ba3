import Platform

/// Keys in the environment, which silently win over the vault.
package enum EnvironmentKeys {
    /// The variables that are set, if there is a key among them. Their values are not looked at.
    package static var names: [String] {
        let set = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].filter(isSet)
        // A session token alone is used by no client.
        return set == ["AWS_SESSION_TOKEN"] ? [] : set
    }

    /// What they do, in words; nil when there are none.
    package static var warning: String? {
        let names = names
        guard let first = names.first else { return nil }
        let are = names.count == 1 ? "\(first) is" : "\(names.joined(separator: " and ")) are"
        return
            "\(are) set: most SDKs use \(names.count == 1 ? "it" : "them") instead of the vault, even with AWS_PROFILE"
    }

    package static func warn(_ conversation: any Conversation) {
        guard let warning else { return }
        conversation.warn(warning)
        conversation.hint("remove them from the environment with 'unset \(names.joined(separator: " "))'")
    }

    private static func isSet(_ name: String) -> Bool {
        guard let value = unsafe getenv(name) else { return false }
        return unsafe value[0] != 0
    }
}
