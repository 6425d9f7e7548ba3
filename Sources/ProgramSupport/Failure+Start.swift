import DurableFiles
import Platform

extension Failure {
    /// A program that the system did not start.
    ///
    /// - Parameters:
    ///   - code: the `errno`.
    ///   - alternative: how the command continues without the program.
    package init(cannotStart program: String, code: Int32, alternative: String? = nil) {
        let reason = describe(errno: code).lowercased()
        let cure: String? =
            switch code {
            // What an old container engine answers for calls that it does not know, such as clone3.
            case EPERM, ENOSYS: "update the container engine, which may forbid the clone3 system call"
            case EAGAIN: "raise the limit on processes, see 'ulimit -u'"
            case ENOMEM: "free some memory"
            case ENOENT: "install the programs of Sealring together"
            case EACCES: "check that it is executable, and not on a noexec mount"
            default: nil
            }
        let hint = [cure, alternative].compactMap(\.self).joined(separator: ", or ")
        self.init(
            .unavailable, "could not start \(program.printable): \(reason)", hint: hint.isEmpty ? nil : hint)
    }

    /// A program that others could replace with one of their own.
    package init(untrusted program: String) {
        self.init(
            .notPermitted, "others may change the program \(program.printable)",
            hint: "close it with 'chmod go-w \(program.shellQuoted.printable)'")
    }

    /// Another process traces this one, and could read what it gets to know.
    package init(tracer process: Int32) {
        self.init(
            .notPermitted, "another process can read this one's memory: process \(process) traces it",
            hint: "end that debugger or tracer, and try again")
    }
}
