import Platform

/// What the sessions of roles are called that have no name of their own.
package enum SessionName {
    /// `sealring-` and the user's name and machine, as far as AWS takes their characters; at most 64.
    package static func ofThisUser() -> String {
        let user = unsafe text(unsafe getenv("USER")) ?? text(unsafe getenv("LOGNAME")) ?? "uid\(getuid())"
        var machine = [CChar](repeating: 0, count: 256)
        let isNamed = unsafe gethostname(&machine, machine.count - 1) == 0
        let host = isNamed ? unsafe machine.withUnsafeBufferPointer { unsafe text($0.baseAddress) } : nil
        let name = ["sealring-" + user, host].compactMap { $0 }.joined(separator: "@")
        return String(name.prefix(64))
    }

    /// The characters of it that AWS takes: `[\\w+=,.@-]`.
    private static func text(_ start: UnsafePointer<CChar>?) -> String? {
        guard let start = unsafe start else { return nil }
        let allowed = unsafe String(cString: start).unicodeScalars.filter { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                    || "_+=,.@-".unicodeScalars.contains(scalar))
        }
        return allowed.isEmpty ? nil : String(String.UnicodeScalarView(allowed))
    }
}
