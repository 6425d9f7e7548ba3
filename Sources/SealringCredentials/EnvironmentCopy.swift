import AgentProtocol
import Platform
import SecureMemory

/// A copy of the variables that the agent, the vault and AWS are found by.
///
/// Another thread of the program may change the environment at any time, and bytes that `getenv` gave are then gone.
struct EnvironmentCopy: Sendable {
    private static let names: [StaticString] = [
        "HOME", "PATH", "SEALRING_AGENT_SOCKET", "SEALRING_STATE_DIR", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
        "XDG_STATE_HOME", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy",
    ]

    private static let vault: StaticString = "SEALRING_VAULT"

    /// Each is `NAME=value` with a zero behind it.
    private var variables: [UInt8] = []

    /// - Parameters:
    ///   - vault: the path of a vault, in place of the one that the variables name.
    ///   - values: gives the value of a variable.
    private init(vault: String?, _ values: (StaticString) -> [UInt8]?) {
        for name in Self.names {
            if let value = values(name) { append(name, value) }
        }
        let named = vault.map { Array($0.utf8) } ?? values(Self.vault).flatMap { $0.isEmpty ? nil : $0 }
        if let named { append(Self.vault, Self.absolute(named)) }
    }

    private mutating func append(_ name: StaticString, _ value: [UInt8]) {
        variables += [UInt8](name.rawSpan)
        variables.append(UInt8(ascii: "="))
        // No variable has a zero in it.
        variables += value.prefix { $0 != 0 }
        variables.append(0)
    }

    /// Of this process's environment.
    init(vault: String?) {
        self.init(vault: vault) { name in
            let value = unsafe getenv(UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
            guard let value = unsafe value else { return nil }
            return unsafe [UInt8](UnsafeRawBufferPointer(start: value, count: strlen(value)))
        }
    }

    init(vault: String?, _ values: [String: String]) {
        self.init(vault: vault) { name in values[String(describing: name)].map { Array($0.utf8) } }
    }

    var source: EnvironmentSource {
        @_lifetime(borrow self)
        get { EnvironmentSource(copy: variables.rawSpan) }
    }

    /// The path from the root, by which the agent knows a vault.
    private static func absolute(_ path: [UInt8]) -> [UInt8] {
        guard path.first != UInt8(ascii: "/"), let directory = unsafe getcwd(nil, 0) else { return path }
        defer { unsafe free(directory) }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: directory, count: strlen(directory)))
            + [UInt8(ascii: "/")] + path
    }
}
