import DurableFiles
import Platform
import ProgramSupport

/// The absolute paths of this program and those beside it, as they are written into `~/.aws/config`.
package enum HelperProgram {
    /// The path by which the program was found: a link in a clean place stays that link.
    package static func path() throws -> String {
        let arguments = CommandLine.arguments
        guard let own = identity("/proc/self/exe") else {
            throw Failure(.inputOutput, "cannot find the path of this program")
        }
        for candidate in try candidates(arguments.first ?? "") where identity(candidate) == own {
            return candidate
        }
        return try target()
    }

    /// The program of this name in the directory where this one lies.
    static func sibling(_ name: String) throws -> String {
        let own = try path()
        // A link in a clean place may stand alone; what it points to has its siblings.
        for program in [own, try target()] {
            let candidate = program.prefix(through: program.lastIndex(of: "/") ?? program.startIndex) + name
            if unsafe access(String(candidate), X_OK) == 0 { return String(candidate) }
        }
        throw Failure(.missing, "no \(name) beside \(own.printable)", hint: "install the programs together")
    }

    /// The path of the program's file itself.
    private static func target() throws -> String {
        guard let target = realpath("/proc/self/exe") else {
            throw Failure(.inputOutput, "cannot find the path of this program")
        }
        return target
    }

    private static func candidates(_ invoked: String) throws -> [String] {
        if invoked.hasPrefix("/") { return [invoked] }
        if invoked.contains("/") {
            // Folders on the way may be links or dots; the program's own name stays.
            let parts = invoked.split(separator: "/", omittingEmptySubsequences: true)
            guard let name = parts.last, let folder = realpath(String(invoked.dropLast(name.count))) else {
                return []
            }
            return [folder + "/" + name]
        }
        let path = Environment.value("PATH") ?? ""
        return path.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(invoked)" }
    }

    private static func identity(_ path: String) -> [UInt64]? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return [UInt64(status.st_dev), UInt64(status.st_ino)]
    }

    private static func realpath(_ path: String) -> String? {
        guard let resolved = unsafe Platform.realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }
}
