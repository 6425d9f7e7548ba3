package import DurableFiles
import Platform
package import SecureMemory

extension Failure {
    package init(_ error: FileError) {
        switch error {
        case .missing(let path): self.init(.missing, "no file at \(path.printable)")
        case .exists(let path):
            self.init(.exists, "\(path.printable) exists already", hint: "name a new file")
        case .notRegular(let path, let found):
            let isFile = found == FileStatus.notDirectory || found == FileStatus.regular
            self.init(
                .malformed,
                "\(path.printable) is \(isFile ? "not a directory" : "\(found), not a regular file")")
        case .symbolicLink(let path, let target):
            self.init(
                .notPermitted, "\(path.printable) is a symbolic link to \(target.printable)",
                hint: "name the target itself")
        case .foreignOwner(let path, let uid):
            self.init(
                .notPermitted, "\(path.printable) belongs to another user (uid \(uid))",
                hint: Self.cure(ofOwner: uid, path, asRoot: geteuid() == 0, home: Environment.value("HOME")))
        case .writableByOthers(let path, let mode):
            self.init(
                .notPermitted, "others may write to \(path.printable) (mode \(Self.octal(mode)))",
                hint: Self.closing(path, mode, isOwn: Self.isOwn(path)))
        case .readableByOthers(let path, let mode):
            self.init(
                .notPermitted, "others may read \(path.printable) (mode \(Self.octal(mode)))",
                hint: "close it with 'chmod go= \(path.shellQuoted.printable)'")
        case .tooLarge(let path, let limit):
            self.init(.malformed, "\(path.printable) has more than \(limit) bytes")
        case .busy(let path):
            self.init(.busy, "another process holds \(path.printable)", hint: "try again in a moment")
        case .durabilityUnknown(let path, _):
            self.init(
                .inputOutput,
                "\(path.printable) is saved, but the disk did not confirm that it survives a power loss")
        case .memory(let error): self.init(error)
        case .system(let call, let path, let code): self = .system(call, path, code)
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
        case .cannotAllocate(let count, _): self.init(.memory, "\(count) bytes of memory cannot be had")
        case .cannotLock(let count, _): self = .cannotLock(count, limit: Self.lockLimit())
        }
    }

    /// - Parameter limit: the bytes that this process may lock; nil for any number.
    package static func cannotLock(_ count: Int, limit: Int?) -> Failure {
        let figure = limit.map { " (of \($0 >> 10) KiB allowed)" } ?? ""
        return Failure(
            .memory, "\((count + 1023) >> 10) KiB of memory cannot be locked against swapping\(figure)",
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

    private static func system(_ call: String, _ path: String, _ code: Int32) -> Failure {
        let isRefused = (code == EACCES || code == EPERM) && (call == "open" || call == "fstatat")
        return Failure(
            isRefused ? .notPermitted : .inputOutput,
            "\(path.printable): \(call): \(describe(errno: code).lowercased())", hint: cure(code, path))
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

    private static func octal(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }
}
