import AWSValues
import Platform
package import SecureMemory

/// What is wrong with a file, a directory or a system call on one.
package enum FileError: Error, Equatable, Sendable {
    /// A system call failed; `code` is the `errno`.
    case system(call: String, path: String, code: Int32)
    /// No file is at the path.
    case missing(path: String)
    /// A file that is to be made is there already.
    case exists(path: String)
    /// Something other than a regular file is at the path; `found` names it, for example `a FIFO`.
    case notRegular(path: String, found: String)
    /// A symbolic link stands where none is accepted.
    case symbolicLink(path: String, target: String)
    /// The file or directory belongs to another user.
    case foreignOwner(path: String, uid: UInt32)
    /// Others may write to the file or directory; `mode` holds its permission bits.
    case writableByOthers(path: String, mode: UInt32)
    /// Others may read a file that must be closed to them.
    case readableByOthers(path: String, mode: UInt32)
    /// The file has more bytes than are read from one of its kind.
    case tooLarge(path: String, limit: Int)
    /// Another process holds the lock.
    case busy(path: String)
    /// The new file is in place, but the system did not confirm that it survives a power loss.
    case durabilityUnknown(path: String, code: Int32)
    /// Secret memory could not be allocated.
    case memory(SecureMemoryError)

    /// The error of the call that just failed.
    static func last(_ call: String, _ path: String) -> FileError {
        let code = errno
        if code == ENOENT, call.hasPrefix("open") || call.hasPrefix("fstatat") { return .missing(path: path) }
        if code == EEXIST, call == "create" { return .exists(path: path) }
        return .system(call: call, path: path, code: code)
    }
}

extension FileError: CustomStringConvertible {
    /// What is wrong, lower case, without a full stop; it names the path and can be shown on a terminal.
    package var description: String {
        switch self {
        case .missing(let path): "no file at \(shown(path))"
        case .exists(let path): "\(shown(path)) already exists"
        case .notRegular(let path, FileStatus.notDirectory), .notRegular(let path, FileStatus.regular):
            "\(shown(path)) is not a directory"
        case .notRegular(let path, let found): "\(shown(path)) is \(found), not a regular file"
        case .symbolicLink(let path, let target): "\(shown(path)) is a symbolic link to \(shown(target))"
        case .foreignOwner(let path, let uid): "\(shown(path)) belongs to another user (uid \(uid))"
        case .writableByOthers(let path, let mode): "others may write to \(shown(path)) (mode \(octal(mode)))"
        case .readableByOthers(let path, let mode): "others may read \(shown(path)) (mode \(octal(mode)))"
        case .tooLarge(let path, let limit): "\(shown(path)) has more than \(size(limit))"
        case .busy(let path): "another process has locked \(shown(path))"
        case .durabilityUnknown(let path, _):
            "\(shown(path)) is saved, but the disk did not confirm that it survives a power loss"
        case .memory(let error): error.description
        case .system(let call, let path, let code):
            "\(shown(path)): \(call): \(describe(errno: code).lowercased())"
        }
    }

    private func shown(_ path: String) -> String { ShownText.escaped(path) }

    private func octal(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }

    private func size(_ count: Int) -> String {
        count >= 1 << 20 && count.isMultiple(of: 1 << 20) ? "\(count >> 20) MiB" : "\(count) bytes"
    }
}
