import AWSValues
import Platform
import ProgramSupport

/// What the sessions of roles are called that have no name of their own.
package enum SessionName {
    /// `sealring-`, the user's name and the machine's.
    package static func ofThisUser() -> String {
        let users = ["USER", "LOGNAME"].compactMap { Environment.value($0) }
        var machine = [CChar](repeating: 0, count: 256)
        let isNamed = unsafe gethostname(&machine, machine.count - 1) == 0
        let host = machine.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return name(
            users: users, number: getuid(), machine: isNamed ? String(decoding: host, as: UTF8.self) : "")
    }

    /// - Parameters:
    ///   - users: the first of which AWS takes a character counts.
    ///   - number: the user's, where there is no such name.
    static func name(users: [String], number: UInt32, machine: String) -> String {
        let kind = STSWord.sessionName
        let user = users.map(kind.allowed).first { !$0.isEmpty } ?? "uid\(number)"
        let machine = kind.allowed(in: machine)
        return kind.allowed(in: "sealring-\(user)\(machine.isEmpty ? "" : "@\(machine)")")
    }
}
