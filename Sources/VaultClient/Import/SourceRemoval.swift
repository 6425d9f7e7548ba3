import AWSConfigFile
import AWSConfigGrammar
import CredentialImport
import CredentialVault
import DurableFiles
import Platform
import ProgramSupport
import SecureMemory

/// Takes the plaintext away, once its keys are sealed, saved and read back.
package enum SourceRemoval {
    /// - Parameters:
    ///   - names: the entry that holds each item of the plan.
    ///   - kept: the items whose plaintext stays, with all of a file that has only whole keys.
    package static func run(
        _ sources: [ImportSource], _ plan: ImportPlan, names: [String], vault: any VaultAccess,
        kept: Set<Int> = []
    ) throws {
        for source in sources {
            guard let path = source.path, source.status != nil else { continue }
            if source.document.format == .ini {
                try removeKeys(
                    of: plan, sealedAs: names, from: source, at: path, keeping: kept, in: vault)
            } else if plan.leavesOutKeys(of: source) {
                vault.conversation.warn("kept \(path.printable), because some of its keys were left out")
            } else if kept.contains(where: { plan.items[$0].source === source }) {
                vault.conversation.warn(
                    "kept \(path.printable), because a profile for its keys could not be written")
            } else {
                try delete(path, source)
                vault.conversation.note("deleted \(path.printable)")
            }
        }
        vault.conversation.note("deleted data can survive on SSDs, in snapshots and in backups")
        let isDownload = sources.contains { $0.document.format != .ini }
        if isDownload, let name = names.first {
            vault.conversation.hint("rotate keys that were downloaded as a file: 'sealring rotate \(name)'")
        }
        nameBrokenRoles(plan, kept, vault.conversation)
    }

    /// Says what ``run(_:_:names:vault:kept:)`` would do.
    ///
    /// - Parameter losesProfiles: whether the profiles of the removed keys are not written.
    package static func preview(
        _ sources: [ImportSource], _ plan: ImportPlan, kept: Set<Int>, losesProfiles: Bool,
        _ conversation: any Conversation
    ) {
        for source in sources {
            guard let path = source.path?.printable, source.status != nil else { continue }
            let items = plan.items.indices.filter { plan.items[$0].source === source }
            guard source.document.format == .ini else {
                guard !plan.leavesOutKeys(of: source) else {
                    conversation.note("would keep \(path), because some of its keys are left out")
                    continue
                }
                let keeps = items.contains(where: kept.contains)
                conversation.note(
                    keeps
                        ? "would keep \(path), because a profile for its keys cannot be written"
                        : "would delete \(path)")
                continue
            }
            for index in items {
                guard let profile = plan.items[index].key.profile?.printable else { continue }
                let (verb, place) = kept.contains(index) ? ("keep", "in") : ("remove", "from")
                conversation.note(
                    "would \(verb) the key of the profile '\(profile)' \(place) \(path)")
            }
        }
        if losesProfiles { nameBrokenRoles(plan, kept, conversation) }
    }

    /// Names the profiles that assume a role with a key that is gone from its profile.
    private static func nameBrokenRoles(
        _ plan: ImportPlan, _ kept: Set<Int>, _ conversation: any Conversation
    ) {
        let removed = plan.items.indices.filter { !kept.contains($0) }.compactMap {
            plan.items[$0].key.profile
        }
        let lost = Set(removed.map { ExactText($0) })
        var roles: [(profile: String, source: String)] = []
        var written: Set<ExactText> = []
        for kind in [ConfigKind.config, .credentials] {
            guard let document = try? ConfigFile(kind).read() else { continue }
            roles += document.roleSources
            written.formUnion(document.sealringProfiles.map { ExactText($0.profile) })
        }
        for role in roles {
            let source = ExactText(role.source)
            guard lost.contains(source), !written.contains(source) else { continue }
            conversation.warn(
                "the profile '\(role.profile.printable)' assumes its role with the key of '\(role.source.printable)', which is no longer there"
            )
            conversation.hint(
                "write a profile for the key with 'sealring configure NAME --profile \(role.source.printable)'"
            )
        }
    }

    private static func delete(_ path: String, _ source: ImportSource) throws {
        guard try source.isUnchanged() else {
            throw Failure(
                .busy, "\(path.printable) changed after it was read, and was not deleted",
                hint: "import it again")
        }
        guard unsafe unlink(path) == 0 else {
            throw FileError.system(call: "unlink", path: path, code: errno)
        }
    }

    /// A settings file can hold more than keys: only their lines go.
    private static func removeKeys(
        of plan: ImportPlan, sealedAs names: [String], from source: ImportSource, at path: String,
        keeping kept: Set<Int>, in vault: any VaultAccess
    ) throws {
        for (index, (item, name)) in zip(plan.items, names).enumerated() where item.source === source {
            guard let profile = item.key.profile, !kept.contains(index) else { continue }
            guard try StaticKeyMove.removeIfSealed(profile, as: name, from: path, vault: vault) else {
                throw Failure(
                    .inputOutput,
                    "\(path.printable): the key of the profile '\(profile.printable)' changed after it was sealed, or cannot be removed: nothing was removed",
                    hint: "import the file again, or remove the lines by hand")
            }
            vault.conversation.note(
                "removed the key of the profile '\(profile.printable)' from \(path.printable)")
        }
    }
}
