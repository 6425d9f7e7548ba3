import AWSConfigFile
import CredentialImport
import CredentialVault
import DurableFiles
import ProgramSupport
import SecureMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Takes the plaintext away, once its keys are sealed, saved and read back.
enum SourceRemoval {
    /// - Parameters:
    ///   - names: the entry that holds each item of the plan.
    ///   - kept: the items whose plaintext stays, with all of a file that has only whole keys.
    static func run(
        _ sources: [ImportSource], _ plan: ImportPlan, names: [String], vault: any VaultAccess,
        kept: Set<Int> = []
    ) throws {
        for source in sources {
            guard let path = source.path, source.status != nil else { continue }
            if source.document.format == .ini {
                try removeKeys(of: plan, names, from: source, path, vault, kept)
            } else if kept.contains(where: { plan.items[$0].source === source }) {
                Console.warn("kept \(path.printable), since a profile of its keys could not be written")
            } else {
                try delete(path, source)
                Console.note("deleted \(path.printable)")
            }
        }
        Console.note(
            "a deleted secret can survive on SSDs, in snapshots and in backups: a key that lay in a download is best rotated"
        )
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
        of plan: ImportPlan, _ names: [String], from source: ImportSource, _ path: String,
        _ vault: any VaultAccess, _ kept: Set<Int>
    ) throws {
        for (index, (item, name)) in zip(plan.items, names).enumerated() where item.source === source {
            guard let profile = item.key.profile, !kept.contains(index) else { continue }
            guard try StaticKeyMove.removeIfSealed(profile, as: name, from: path, vault: vault) else {
                throw Failure(
                    .inputOutput,
                    "\(path.printable): the key of the profile '\(profile.printable)' is not the one that was sealed any more, or cannot be taken out: nothing of it was removed",
                    hint: "import the file again, or remove the lines by hand")
            }
            Console.note("removed the key of the profile '\(profile.printable)' from \(path.printable)")
        }
    }
}
