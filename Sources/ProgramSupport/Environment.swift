import Platform

/// The process's environment, for values that are no secrets.
package enum Environment {
    /// The value, or nil when it is missing or empty.
    package static func value(_ name: String) -> String? {
        guard let text = valueIfSet(name), !text.isEmpty else { return nil }
        return text
    }

    /// The value, or nil when it is missing.
    static func valueIfSet(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
