/// The parser's help, in the order in which people read it: what a command does, how it is called, examples,
/// its own options, and last the options that every command has.
struct HelpText {
    private var overview: String
    private var usage: String
    /// The columns that the parser wrapped its text to.
    private let width: Int
    private var sections: [(title: String, lines: [Substring])] = []

    /// Nil when the text is not the help of a command.
    init?(_ text: String) {
        guard text.hasPrefix("OVERVIEW: ") else { return nil }
        overview = ""
        usage = ""
        width = text.split(separator: "\n").filter { !$0.hasPrefix("USAGE") }.map(\.count).max() ?? 80
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let title = Self.title(of: line) {
                sections.append((title, []))
            } else if line.hasPrefix("USAGE: ") {
                usage = String(line.dropFirst("USAGE: ".count))
            } else if line.hasPrefix("  See '") {
                continue
            } else if sections.isEmpty, usage.isEmpty {
                overview += line.hasPrefix("OVERVIEW: ") ? line.dropFirst("OVERVIEW: ".count) : "\n" + line
            } else if !sections.isEmpty, !line.isEmpty {
                sections[sections.count - 1].lines.append(line)
            }
        }
    }

    /// The words that call the command, for example `role add`.
    var command: String {
        usage.split(separator: " ").dropFirst().prefix { !$0.hasPrefix("[") && !$0.hasPrefix("<") }
            .joined(separator: " ")
    }

    var text: String {
        var parts: [String] = [wrappedOverview, "USAGE: " + shortUsage]
        if let examples = Examples.of(command) {
            parts.append("EXAMPLES:\n" + examples.map { "  " + $0 }.joined(separator: "\n"))
        }
        var common: [Substring] = []
        for section in sections {
            var own = section.lines
            if section.title == Self.globalTitle {
                common = own + common
                continue
            }
            if section.title == "OPTIONS" { common += Self.takeCommon(from: &own) }
            guard !own.isEmpty else { continue }
            parts.append(Self.shown(section.title) + ":\n" + own.joined(separator: "\n"))
        }
        parts.append(Self.globalTitle + ":\n" + common.joined(separator: "\n"))
        if command.isEmpty { parts.append("'sealring help COMMAND' shows the options of a command.") }
        return parts.joined(separator: "\n\n")
    }

    /// The usage without the options that every command has.
    private var shortUsage: String {
        var text = usage
        for option in Self.globalUsage { text = text.replacing(" [\(option)]", with: "") }
        return text.replacing("<subcommand>", with: "COMMAND")
    }

    private static let globalTitle = "GLOBAL OPTIONS"

    private static let globalUsage = [
        "--vault <vault>", "--passphrase-file <passphrase-file>",
        "--passphrase-command <passphrase-command>", "--no-agent", "--accept-rollback",
    ]

    /// The title of a section that begins here.
    private static func title(of line: Substring) -> String? {
        guard line.hasSuffix(":"), let first = line.first, first.isUppercase,
            line.allSatisfy({ $0.isUppercase || $0 == " " || $0 == ":" })
        else { return nil }
        return String(line.dropLast())
    }

    private static func shown(_ title: String) -> String {
        title == "SUBCOMMANDS" ? "COMMANDS" : title.replacing(" SUBCOMMANDS", with: "")
    }

    /// The overview, whose first line has room for more since the parser's own word for it is gone.
    private var wrappedOverview: String {
        let lines = overview.split(separator: "\n", omittingEmptySubsequences: false)
        let first = lines.prefix { !$0.isEmpty }.joined(separator: " ")
        let rest = lines.drop { !$0.isEmpty }.reversed().drop { $0.isEmpty }.reversed()
        var wrapped: [String] = []
        for word in first.split(separator: " ") {
            if let last = wrapped.last, last.count + 1 + word.count <= width {
                wrapped[wrapped.count - 1] += " " + word
            } else {
                wrapped.append(String(word))
            }
        }
        return (wrapped + rest.map(String.init)).joined(separator: "\n")
    }

    /// Takes `--version` and `--help` out of a command's own options.
    private static func takeCommon(from lines: inout [Substring]) -> [Substring] {
        let isCommon = { (line: Substring) in
            line.hasPrefix("  --version ") || line.hasPrefix("  -h, --help ")
        }
        let common = lines.filter(isCommon)
        lines.removeAll(where: isCommon)
        return common
    }
}
