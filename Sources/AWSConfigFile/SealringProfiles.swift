import AWSConfigGrammar

extension ConfigDocument {
    /// Which profiles ask us for which entry, in the file's order.
    package var sealringProfiles: [(profile: String, entry: String)] {
        var found: [(profile: String, entry: String)] = []
        for section in sections {
            guard let profile = section.profile else { continue }
            for setting in settings[section.settings] where setting.name == .credentialProcess {
                guard let command = text(setting.value), let entry = Self.entry(command) else { continue }
                found.append((profile, entry))
            }
        }
        return found
    }

    /// The entry in `…/sealring-credential-process NAME` or `…/sealring … credential-process NAME`.
    static func entry(_ command: String) -> String? {
        guard let words = shellWords(command), let program = words.first?.split(separator: "/").last else {
            return nil
        }
        switch program {
        case "sealring-credential-process": return words.count == 2 ? words[1] : nil
        case "sealring":
            guard let place = words.firstIndex(of: "credential-process"), place + 1 < words.count else {
                return nil
            }
            return words[place + 1]
        default: return nil
        }
    }
}
