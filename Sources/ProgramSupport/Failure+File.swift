package import DurableFiles
import Platform
package import SecureMemory

extension Failure {
    package init(_ error: FileError) {
        if case .memory(let error) = error {
            self.init(error)
        } else {
            self.init(Self.code(of: error), error.description, hint: Self.hint(for: error))
        }
    }

    private static func code(of error: FileError) -> Code {
        switch error {
        case .missing: .missing
        case .exists: .exists
        case .notRegular, .tooLarge: .malformed
        case .symbolicLink, .foreignOwner, .writableByOthers, .readableByOthers: .notPermitted
        case .busy: .busy
        case .durabilityUnknown: .inputOutput
        case .memory: .memory
        case .system("open", _, EACCES), .system("open", _, EPERM), .system("fstatat", _, EACCES),
            .system("fstatat", _, EPERM):
            .notPermitted
        case .system: .inputOutput
        }
    }

    private static func hint(for error: FileError) -> String? {
        switch error {
        case .exists: "name a new file"
        case .symbolicLink: "name the target itself"
        case .foreignOwner(let path, let uid):
            cure(ofOwner: uid, path, asRoot: geteuid() == 0, home: Environment.value("HOME"))
        case .writableByOthers(let path, let mode): closing(path, mode, isOwn: isOwn(path))
        case .readableByOthers(let path, _): "close it with 'chmod go= \(path.shellQuoted.printable)'"
        case .busy: "try again in a moment"
        case .system(_, let path, let code): cure(code, path)
        case .missing, .notRegular, .tooLarge, .durabilityUnknown, .memory: nil
        }
    }

    /// What to do about what others may write to. A directory of the system, such as `/tmp`, is not this user's to
    /// close, nor root's; its sticky bit says that it is meant to be shared.
    package static func closing(_ path: String, _ mode: UInt32, isOwn: Bool) -> String {
        guard isOwn, mode & 0o1000 == 0 else { return "choose a directory of your own" }
        return "close it with 'chmod go-w \(path.shellQuoted.printable)'"
    }

    package init(_ error: SecureMemoryError) {
        switch error {
        case .cannotAllocate: self.init(.memory, error.description)
        case .cannotLock(let count, _): self = .cannotLock(count, limit: Self.lockLimit())
        }
    }

    /// - Parameter limit: the bytes that this process may lock; nil for any number.
    package static func cannotLock(_ count: Int, limit: Int?) -> Failure {
        let figure = limit.map { " (of \($0 >> 10) KiB allowed)" } ?? ""
        return Failure(
            .memory, "\(SecureMemoryError.cannotLock(count: count, code: 0))\(figure)",
            hint: "raise the limit, see 'ulimit -l'")
    }

    /// `RLIMIT_MEMLOCK` in bytes; nil for none.
    package static func lockLimit() -> Int? {
        #if os(Linux)
            var limit = rlimit()
            let isKnown = unsafe getrlimit(Int32(__RLIMIT_MEMLOCK.rawValue), &limit) == 0
            return isKnown && limit.rlim_cur < rlim_t(Int.max) ? Int(limit.rlim_cur) : nil
        #else
            return nil
        #endif
    }

    private static func cure(_ code: Int32, _ path: String) -> String? {
        switch code {
        case ENOSPC, EDQUOT: "make room on the disk; nothing was changed"
        case EROFS: "check the permissions of the directory; nothing was changed"
        case EACCES, EPERM:
            // What can be looked up is in a directory that can be searched.
            "check the permissions of the \(FileStatus.of(path)?.isRegular ?? false ? "file" : "directory"); nothing was changed"
        case EIO: "check the disk; nothing was changed"
        default: nil
        }
    }

    /// What root does about what belongs to a user.
    static let asThatUser = "run it as that user, or with root's own home ('sudo -H', 'su -')"

    /// What to do about a file or directory of another user.
    ///
    /// - Parameter home: only what is in it is given back: a user of a container may have `/` for a home.
    package static func cure(
        ofOwner uid: UInt32, _ path: String, asRoot: Bool, home: String?
    ) -> String {
        if asRoot { return asThatUser }
        if uid == 0, let home, home != "/", path.hasPrefix(home + "/") {
            return "if sudo made it, give it back with 'sudo chown -R $(id -u) \(path.shellQuoted.printable)'"
        }
        return "use a file or directory of your own; HOME and --vault say where the vault is"
    }

    /// Whether a file or directory is this user's.
    private static func isOwn(_ path: String) -> Bool {
        (try? FileStatus.following(path))?.owner == geteuid()
    }
}
