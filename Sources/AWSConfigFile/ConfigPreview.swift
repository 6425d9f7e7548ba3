import AWSConfigGrammar

extension ConfigFile {
    /// A part of what a command does to the file.
    package enum Part {
        case takeOver(RoleProfile, HelperCommand)
        /// Removes the plaintext key of a profile.
        case removeKey(of: String)
        case configure(ProfileName, ProfileSettings, replacingForeignProcess: Bool)
    }

    /// What all parts, one after the other, would make of the file.
    package func preview(_ parts: [Part], undo: UndoStore) throws(AWSConfigError) -> Outcome {
        try update(createIfMissing: true, dryRun: true) { (document, path) throws(AWSConfigError) in
            try document.requireReadable()
            var joined = JoinedEdits(count: document.count)
            var latest: ConfigEdit?
            for part in parts {
                let edit: ConfigEdit?
                switch latest {
                case .some(let before): edit = try Self.edit(before.document, part, path: path, undo)
                case .none: edit = try Self.edit(document, part, path: path, undo)
                }
                switch consume edit {
                case .some(let edit):
                    joined.append(edit.splices)
                    latest = consume edit
                case .none: break
                }
            }
            let splices = joined.splices
            return splices.isEmpty ? nil : try ConfigEdit(document, splices)
        }
    }

    private static func edit(
        _ document: borrowing ConfigDocument, _ part: Part, path: String, _ undo: UndoStore
    ) throws(AWSConfigError) -> ConfigEdit? {
        switch part {
        case .takeOver(let role, let command): return try document.takeOver(role.profile, command)
        case .removeKey(let profile): return try document.removeStaticKeys(of: profile)
        case .configure(let name, let settings, let isForced):
            return try document.configure(
                name, settings, replacingForeignProcess: isForced,
                earlier: undo.load(path: path, profile: name.text).all)
        }
    }
}
