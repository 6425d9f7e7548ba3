#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The process's environment, for values that are no secrets.
package enum Environment {
    /// The value, or nil when it is missing or empty.
    package static func value(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }
}
