import DurableFiles
import SecureMemory

/// The paths in `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, read as botocore reads them with Python's
/// `os.path.expandvars` and `expanduser`: in this order, and relative paths from the working directory.
enum AWSPath {
    /// - Parameters:
    ///   - environment: the value of a variable; nil when it is not set.
    ///   - homeOf: the home directory of a user; nil when there is none.
    static func expanded(
        _ path: String, environment: (String) -> String?, homeOf: (String) throws -> String?
    ) throws -> String {
        try expandingHome(expandingVariables(path, environment), environment, homeOf)
    }

    /// `$NAME` and `${NAME}`; a variable that is not set stays as it is written.
    private static func expandingVariables(_ path: String, _ environment: (String) -> String?) -> String {
        var result = ""
        var rest = Substring(path)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            let (name, length) = variable(rest.dropFirst())
            if let name, let value = environment(name) {
                result += value
                rest = rest.dropFirst(length + 1)
            } else {
                // What stands in braces is not looked into again.
                result += rest.prefix(length + 1)
                rest = rest.dropFirst(length + 1)
            }
        }
        return result + rest
    }

    /// The name at the start of `text`, behind a `$`, and how many characters it takes.
    private static func variable(_ text: Substring) -> (name: String?, length: Int) {
        if text.first == "{" {
            guard let close = text.firstIndex(of: "}") else { return (nil, 0) }
            let name = text[text.index(after: text.startIndex)..<close]
            return (String(name), name.count + 2)
        }
        let name = text.prefix { character in
            character.isASCII && (character.isLetter || character.isNumber || character == "_")
        }
        return name.isEmpty ? (nil, 0) : (String(name), name.count)
    }

    private static func expandingHome(
        _ path: String, _ environment: (String) -> String?, _ homeOf: (String) throws -> String?
    ) throws -> String {
        guard path.hasPrefix("~") else { return path }
        let end = path.firstIndex(of: "/") ?? path.endIndex
        let user = String(path[path.index(after: path.startIndex)..<end])
        let home = user.isEmpty ? try environment("HOME") ?? homeOf("") : try homeOf(user)
        guard var home else { return path }
        while home.hasSuffix("/") { home.removeLast() }
        let whole = home + path[end...]
        return whole.isEmpty ? "/" : whole
    }

    /// The home directory that `/etc/passwd` gives a user, or the user with `id` when the name is empty.
    static func home(of user: String, id: UInt32, passwords: String = "/etc/passwd") throws -> String? {
        let bytes = try FileHandle.open(passwords).readAll(limit: 4 << 20)
        // The file is open to all, and holds no secret.
        let text = unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count >= 7 else { continue }
            if user.isEmpty ? fields[2] == String(id) : fields[0] == user { return String(fields[5]) }
        }
        return nil
    }
}
