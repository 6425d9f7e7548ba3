package import AWSConfigGrammar
import AWSValues

/// A name for a profile that every AWS client reads in the same way.
///
/// botocore would read more, but only behind quotes or backslashes, which other clients take for a part
/// of the name or refuse: Java and Rust ignore a profile with any other character.
package struct ProfileName: Equatable, Sendable {
    package static let limit = 128
    package let text: String

    /// Whether a header of its own can be written for the name. A profile with another name can be
    /// configured only where its section exists.
    package var isPlain: Bool {
        text.utf8.allSatisfy { byte in
            byte.isLetter || byte.isDigit || [UInt8]("_-./@%:+".utf8).contains(byte)
        }
    }

    package init(_ text: String) throws(AWSConfigError) {
        func refuse(_ reason: String) -> AWSConfigError { .invalidProfileName(text, reason: reason) }
        guard !text.isEmpty else { throw refuse("it is empty") }
        guard text.utf8.count <= Self.limit else { throw refuse("it is longer than \(Self.limit) bytes") }
        guard !text.hasPrefix(" "), !text.hasSuffix(" ") else {
            throw refuse("it begins or ends with a space")
        }
        for scalar in text.unicodeScalars {
            if UTF8Text.isControl(scalar.value) { throw refuse("it contains a control character") }
            if "[]\"'\\".unicodeScalars.contains(scalar) {
                throw refuse("it contains the character \(scalar)")
            }
        }
        self.text = text
    }

    /// The header that names the profile in a file.
    package func header(in kind: ConfigKind) throws(AWSConfigError) -> String {
        guard isPlain else {
            throw .invalidProfileName(text, reason: "use A to Z, a to z, 0 to 9 and _ - . / @ % : +")
        }
        guard kind == .config else {
            guard kind.profile(text) != nil else {
                throw .invalidProfileName(text, reason: "AWS clients do not read it as a profile")
            }
            return "[\(text)]"
        }
        return text == "default" ? "[default]" : "[profile \(text)]"
    }

    /// The characters of the name for which some clients do not find the profile (pyarrow and
    /// mountpoint-s3, measured), each once. A profile of a static key is not found by them either.
    package var unreadCharacters: [Character] {
        var found: [Character] = []
        for character in text where ".@/+:%".contains(character) && !found.contains(character) {
            found.append(character)
        }
        return found
    }
}

/// The command that a profile runs for its credentials, in characters that no client splits or expands.
package struct HelperCommand: Equatable, Sendable {
    package let text: String

    /// Checks the path of the helper and the name of the entry.
    ///
    /// Clients run the command through a shell, through `shlex`, or split it at spaces without regard
    /// to quotes: what is left are paths that mean themselves in all of them.
    package init(path: String, subcommand: String? = nil, name: String) throws(AWSConfigError) {
        guard path.hasPrefix("/") else { throw .invalidHelperPath(path, reason: "it is not absolute") }
        guard path.utf8.count <= 1024 else {
            throw .invalidHelperPath(path, reason: "it is longer than 1024 bytes")
        }
        for scalar in path.unicodeScalars where !Self.isPlain(scalar) {
            let shown = scalar == " " ? "a space" : "the character \(escaped(String(scalar)))"
            throw .invalidHelperPath(
                path, reason: "it contains \(shown), which AWS clients read in different ways")
        }
        guard Self.isOurs("\(path) x") else {
            throw .invalidHelperPath(path, reason: "its last part does not begin with 'sealring'")
        }
        guard EntryName.isValid(name) else { throw .invalidEntryName(name) }
        text = [path, subcommand, name].compactMap { $0 }.joined(separator: " ")
    }

    /// Whether a command runs one of our programs.
    static func isOurs(_ command: String) -> Bool {
        guard let program = shellWords(command)?.first else { return false }
        return (program.split(separator: "/").last ?? "").hasPrefix("sealring")
    }

    /// Whether two commands run the same program in the same way, for two entries.
    static func differOnlyInEntry(_ one: String, _ other: String) -> Bool {
        guard let end = one.lastIndex(of: " "), let otherEnd = other.lastIndex(of: " "), isOurs(other) else {
            return false
        }
        let entry = one[one.index(after: end)...]
        return one[..<end].utf8.elementsEqual(other[..<otherEnd].utf8) && !entry.isEmpty
            && entry.unicodeScalars.allSatisfy(isPlain)
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.isASCII else { return false }
        let byte = UInt8(scalar.value)
        return byte.isLetter || byte.isDigit || [UInt8]("/._-+@:,=".utf8).contains(byte)
    }
}

/// What `configure` writes into a profile.
package struct ProfileSettings: Equatable, Sendable {
    package let credentialProcess: HelperCommand
    /// The region, or nil to leave it as it is.
    package let region: String?
    /// The output format of the AWS CLI, or nil to leave it as it is.
    package let output: String?

    package static let outputs = ["json", "text", "table", "yaml", "yaml-stream", "off"]

    package init(
        credentialProcess: HelperCommand, region: String? = nil, output: String? = nil
    ) throws(AWSConfigError) {
        if let region {
            do { try AWSRegion.check(region) } catch { throw .invalidRegion(region, reason: error.reason) }
        }
        if let output, !Self.outputs.contains(output) { throw .invalidOutput(output) }
        self.credentialProcess = credentialProcess
        self.region = region
        self.output = output
    }

    /// The settings in the order in which they are written.
    var wanted: [(name: SettingName, value: String)] {
        var wanted = [(SettingName.credentialProcess, credentialProcess.text)]
        if let region { wanted.append((.region, region)) }
        if let output { wanted.append((.output, output)) }
        return wanted
    }
}
