package import DurableFiles
package import SecureMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension Failure {
    package init(_ error: FileError) {
        switch error {
        case .missing(let path): self.init(.missing, "no file at \(path.printable)")
        case .exists(let path):
            self.init(.exists, "\(path.printable) exists already", hint: "name a new file")
        case .notRegular(let path, let found):
            self.init(
                .malformed, "\(path.printable) is \(found), not a regular file or directory as expected")
        case .symbolicLink(let path, let target):
            self.init(
                .notPermitted, "\(path.printable) is a symbolic link to \(target.printable)",
                hint: "name the target itself")
        case .foreignOwner(let path, let uid):
            self.init(
                .notPermitted, "\(path.printable) belongs to another user (uid \(uid))",
                hint: "use a file of your own")
        case .writableByOthers(let path, let mode):
            self.init(
                .notPermitted, "others may write to \(path.printable) (mode \(Self.octal(mode)))",
                hint: "close it with 'chmod go-w'")
        case .readableByOthers(let path, let mode):
            self.init(
                .notPermitted, "others may read \(path.printable) (mode \(Self.octal(mode)))",
                hint: "close it with 'chmod go='")
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

    package init(_ error: SecureMemoryError) {
        switch error {
        case .cannotAllocate(let count, _): self.init(.memory, "\(count) bytes of memory cannot be had")
        case .cannotLock(let count, _):
            self.init(
                .memory, "\(count) bytes of memory cannot be locked against swapping",
                hint: "raise the limit, see 'ulimit -l'")
        }
    }

    private static func system(_ call: String, _ path: String, _ code: Int32) -> Failure {
        let isRefused = (code == EACCES || code == EPERM) && (call == "open" || call == "fstatat")
        return Failure(
            isRefused ? .notPermitted : .inputOutput,
            "\(path.printable): \(call): \(describe(errno: code).lowercased())", hint: cure(code))
    }

    private static func cure(_ code: Int32) -> String? {
        switch code {
        case ENOSPC, EDQUOT: "make room on the disk; nothing was changed"
        case EROFS, EACCES, EPERM: "check the permissions of the directory; nothing was changed"
        case EIO: "check the disk; nothing was changed"
        default: nil
        }
    }

    private static func octal(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }
}
