import AWSConfigGrammar
import DurableFiles

extension ConfigFile {
    /// How a profile was taken out of the file.
    package enum Removal: Equatable, Sendable {
        /// The file is as it was before we configured the profile.
        case restored
        /// Only our command was removed, for want of a record that fits.
        case commandOnly(Reason)
        /// The profile does not run our command.
        case nothing

        package enum Reason: Equatable, Sendable {
            /// There is no record of what stood in the file before.
            case noRecord
            /// The record is damaged.
            case damagedRecord
            /// Someone edited the lines that we had written.
            case editedMeanwhile
        }
    }

    /// Configures a profile and keeps a record of what stood there before.
    ///
    /// The file, and `~/.aws`, are made when they do not exist. ``Outcome/isChanged`` is false when the
    /// profile is configured so already.
    package func configure(
        _ profile: ProfileName, _ settings: ProfileSettings, replacingForeignProcess: Bool = false,
        undo: UndoStore, lockSeconds: Double = 5, dryRun: Bool = false
    ) throws(AWSConfigError) -> Outcome {
        try update(lockSeconds: lockSeconds, createIfMissing: true, dryRun: dryRun) {
            (document, path) throws(AWSConfigError) in
            try document.requireReadable()
            let records = try undo.load(path: path, profile: profile.text)
            let edit = try document.configure(
                profile, settings, replacingForeignProcess: replacingForeignProcess, earlier: records.all)
            guard let edit else { return nil }
            if !dryRun, let record = edit.undo {
                let fits = records.current?.stands(in: document) ?? false
                try undo.save(record, path: path, keepingCurrent: fits)
            }
            return edit
        }
    }

    /// Lets a profile that assumes a role by itself run our command in place of that, and keeps a record of
    /// what stood there before.
    ///
    /// - Parameter role: what was read of the profile; another one is not taken over.
    package func takeOver(
        _ role: RoleProfile, _ command: HelperCommand, undo: UndoStore, lockSeconds: Double = 5,
        dryRun: Bool = false
    ) throws(AWSConfigError) -> Outcome {
        try update(lockSeconds: lockSeconds, createIfMissing: false, dryRun: dryRun) {
            (document, path) throws(AWSConfigError) in
            try document.requireReadable()
            guard try document.roleProfile(of: role.profile)?.isSame(as: role) ?? false else {
                throw .changedMeanwhile(path: path)
            }
            let edit = try document.takeOver(role.profile, command)
            // What an earlier record says is not in the file any more, or it would run our command.
            if !dryRun, let record = edit.undo { try undo.save(record, path: path, keepingCurrent: false) }
            return edit
        }
    }

    /// Puts the file back as it was before the profile was configured, or removes our command from it.
    package func unconfigure(
        _ profile: ProfileName, undo: UndoStore, lockSeconds: Double = 5, dryRun: Bool = false
    ) throws(AWSConfigError) -> (outcome: Outcome, removal: Removal) {
        var removal = Removal.nothing
        do throws(AWSConfigError) {
            let outcome = try update(lockSeconds: lockSeconds, createIfMissing: false, dryRun: dryRun) {
                (document, path) throws(AWSConfigError) in
                let records = try undo.load(path: path, profile: profile.text)
                for record in records.all {
                    guard let edit = try document.undo(record) else { continue }
                    removal = .restored
                    return edit
                }
                guard let edit = try document.removeCommand(of: profile.text) else { return nil }
                removal = .commandOnly(
                    records.isDamaged ? .damagedRecord : records.all.isEmpty ? .noRecord : .editedMeanwhile)
                return edit
            } finish: { (path) throws(AWSConfigError) in
                // Only now: after a crash before, the record fits nothing and does no harm.
                try undo.remove(path: path, profile: profile.text)
            }
            return (outcome, removal)
        } catch .file(FileError.missing) {
            // A record that is left of an absent file fits nothing, and the next edit overwrites it.
            let outcome = Outcome(path: path, isChanged: false, diff: [], warnings: [], obstacle: nil)
            return (outcome, .nothing)
        }
    }
}
