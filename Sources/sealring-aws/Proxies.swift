#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the environment may say: which proxy to use, and for which hosts none.
struct Proxies {
    let proxy: String
    let exceptions: String

    /// Reads the four variables, and takes everything else out of the environment: libraries read theirs.
    static func takenFromEnvironment() -> Proxies {
        let proxy = value("HTTPS_PROXY") ?? value("https_proxy") ?? ""
        let exceptions = value("NO_PROXY") ?? value("no_proxy") ?? ""
        clearenv()
        return Proxies(proxy: proxy, exceptions: exceptions)
    }

    private static func value(_ name: String) -> String? {
        guard let text = unsafe getenv(name) else { return nil }
        guard unsafe strlen(text) <= 2048 else { return nil }
        let value = unsafe String(cString: text)
        return value.isEmpty ? nil : value
    }
}
