import CredentialImport
import CredentialVault
import ProgramSupport

/// What is said of an import.
extension KeyImport {
    func report(
        _ plan: ImportPlan, _ outcomes: [ImportPlan.Outcome], _ sealed: EntryList
    ) {
        let would = request.isDryRun ? "would be " : ""
        for (item, outcome) in zip(plan.items, outcomes) {
            let account = item.key.accountID.map { ", account \($0)" } ?? ""
            switch outcome {
            case .sealed(let name):
                conversation.note("\(would)sealed \(name) (\(item.key.accessKeyID)\(account))")
                if let text = item.changedText {
                    conversation.note(
                        "'\(text.printable)' became the entry name '\(name)': names may contain A to Z, a to z, 0 to 9 and ._@+/-"
                    )
                    if !request.isDryRun {
                        conversation.hint("choose another with 'sealring rename \(name) NEW'")
                    }
                }
            case .replaced(let old, let name):
                let id = item.key.accessKeyID
                let what = old.accessKeyID == id ? "the secret of \(id)" : "\(old.accessKeyID) with \(id)"
                conversation.note("\(would)replaced \(what) in \(old.name)\(account)")
                if old.name != name { reportNewName(old.name, name, would) }
            case .alreadySealed(let name):
                conversation.note("\(item.key.accessKeyID) is already sealed as \(name)")
                if let given = request.name, given != name { hintAtRename(name, given, sealed) }
            }
        }
    }

    /// An entry that gets another name leaves its profiles behind, as with `rename`.
    func reportNewName(_ old: String, _ new: String, _ would: String) {
        conversation.note("\(would)renamed \(old.printable) to \(new)")
        ProfileIndex.read().warnOfRename(from: old, to: new, conversation)
    }

    private func hintAtRename(_ name: String, _ given: String, _ sealed: EntryList) {
        if sealed.isTaken(given) {
            conversation.hint("--name was not used: '\(given)' is another entry or role")
        } else {
            conversation.hint("--name was not used; rename the entry with 'sealring rename \(name) \(given)'")
        }
    }

    /// What became of the settings beside the keys.
    func reportSettings(_ plan: ImportPlan, _ names: [String], _ sealed: EntryList) {
        let sealed = request.isDryRun ? nil : sealed
        for (item, name) in zip(plan.items, names) {
            guard let beside = item.beside else { continue }
            beside.tell(of: sealed?[name] ?? item.entry(region: request.profiles.region), conversation)
        }
    }

    func reportPlaintext(_ sources: [ImportSource]) {
        for source in sources where source.isFile {
            let file = source.name.printable
            guard source.document.format == .ini else {
                conversation.hint(
                    "\(file) still holds the secret in plaintext: delete it, or import with --delete-source")
                continue
            }
            // Only the lines of keys go from a settings file, and those may be gone already.
            if source.stillHoldsKeys {
                conversation.hint("\(file) still holds plaintext keys: remove them with --delete-source")
            }
        }
    }
}
