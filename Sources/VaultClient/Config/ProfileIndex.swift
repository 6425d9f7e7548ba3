import AWSConfigFile
package import AWSConfigGrammar
import ProgramSupport

/// Which profiles of `~/.aws/config` and `~/.aws/credentials` name which entries.
package struct ProfileIndex {
    package struct Place {
        package let profile: String
        package let kind: ConfigKind

        /// What `configure` is told of the file.
        package var option: String { kind == .config ? "" : " --credentials-file" }
    }

    private var places: [String: [Place]] = [:]

    /// Reads the files; one that cannot be read has no profiles, since it keeps nobody from the vault.
    package static func read() -> ProfileIndex {
        read([.config, .credentials].compactMap { try? ConfigFile($0) })
    }

    static func read(_ files: [ConfigFile]) -> ProfileIndex {
        var index = ProfileIndex()
        for file in files {
            guard let document = try? file.read() else { continue }
            for (profile, entry) in document.sealringProfiles {
                index.places[entry, default: []].append(Place(profile: profile, kind: file.kind))
            }
        }
        return index
    }

    /// The names of the profiles, each once.
    package subscript(_ entry: String) -> [String] {
        var known: Set<String> = []
        return places(of: entry).map(\.profile).filter { known.insert($0).inserted }
    }

    /// Says which profiles name an entry that has another name now.
    package func warnOfRename(from old: String, to new: String, _ conversation: any Conversation) {
        for place in places(of: old) {
            conversation.warn("the profile '\(place.profile.printable)' still names \(old.printable)")
            conversation.hint(
                "point it at the new name with 'sealring configure \(new) --profile \(place.profile.printable)\(place.option)'"
            )
        }
    }

    package func places(of entry: String) -> [Place] { places[entry] ?? [] }
}
