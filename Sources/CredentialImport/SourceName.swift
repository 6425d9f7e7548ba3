import AWSConfigGrammar

/// What the name of a source says about the keys in it.
struct SourceName {
    /// The user, when the console gave the file its name; else the name without folders and extension.
    let label: String?
    /// Whether this is the console's name for a key of the root user.
    let isRootKey: Bool
    /// Which file of the AWS CLI has this name.
    let settingsKind: ConfigKind?

    init(fileName: String?) {
        guard let base = fileName?.split(separator: "/").last else {
            label = nil
            isRootKey = false
            settingsKind = nil
            return
        }
        settingsKind = base == "config" ? .config : base == "credentials" ? .credentials : nil
        let stem = base.lastIndex(of: ".").flatMap { $0 == base.startIndex ? nil : base[..<$0] } ?? base
        let original = Self.withoutCopyNumber(stem)
        let folded = original.lowercased()
        let suffix = "_accesskeys"
        isRootKey = folded == "rootkey"
        if folded.hasSuffix(suffix), folded.count > suffix.count {
            label = String(original.dropLast(suffix.count))
        } else {
            label = isRootKey ? "rootkey" : String(stem.drop { $0 == "." })
        }
    }

    /// Browsers add ` (1)` to the name of a file that is downloaded twice.
    private static func withoutCopyNumber(_ stem: Substring) -> Substring {
        guard stem.last == ")", let open = stem.lastIndex(of: "(") else { return stem }
        let number = stem[open...].dropFirst().dropLast()
        let rest = stem[..<open]
        guard !number.isEmpty, number.allSatisfy({ ("0"..."9").contains($0) }), rest.last == " " else {
            return stem
        }
        return rest.dropLast()
    }
}
