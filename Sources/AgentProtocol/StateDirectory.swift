import Platform
import SecureMemory

/// Where this machine's state is: `SEALRING_STATE_DIR`, else `$XDG_STATE_HOME/sealring`, else
/// `~/.local/state/sealring`.
package struct StateDirectory: ~Copyable {
    private var path = MessageText(limit: Int(PATH_MAX))

    /// The directory that the environment says; nil when it says none.
    package init?() {
        guard Self.append(to: &path, in: .process) else { return nil }
    }

    package init(_ directory: RawSpan) { path.append(directory) }

    /// Appends the path that the environment says; false when it says none, or one that is too long.
    static func append(to path: inout MessageText, in environment: EnvironmentSource) -> Bool {
        if let directory = EnvironmentBytes("SEALRING_STATE_DIR", in: environment) {
            path.append(directory.bytes)
        } else if let base = EnvironmentBytes.absolute("XDG_STATE_HOME", in: environment) {
            path.append(base.bytes)
            path.append("/sealring")
        } else {
            guard let home = EnvironmentBytes.absolute("HOME", in: environment) else { return false }
            path.append(home.bytes)
            path.append("/.local/state/sealring")
        }
        return !path.isCut
    }

    /// Opens the directory, made when it is missing; -1 when it is not ours alone to write.
    package func open() -> Int32 {
        make()
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let directory = path.open(flags)
        guard directory >= 0 else { return -1 }
        guard let facts = FileFacts(descriptor: directory), facts.isOurs, !facts.isWritableByOthers else {
            close(directory)
            return -1
        }
        return directory
    }

    /// Makes the directory and those above it; nothing in a directory of another user, as of one whose HOME
    /// sudo keeps.
    private func make() {
        let bytes = path.bytes
        guard !bytes.isEmpty else { return }
        let slash = UInt8(ascii: "/")
        var above = MessageText(limit: bytes.byteCount)
        // A relative path begins in the working directory.
        var isOurs = bytes.byte(at: 0) == slash || Self.isOurs(".")
        for position in 0..<bytes.byteCount {
            above.append(byte: bytes.byte(at: position))
            guard position + 1 == bytes.byteCount || bytes.byte(at: position + 1) == slash else { continue }
            if isOurs { _ = unsafe above.withPath { unsafe mkdir($0, 0o700) } }
            isOurs = Self.isOurs(above)
        }
    }

    private static func isOurs(_ path: StaticString) -> Bool {
        var text = MessageText(limit: path.utf8CodeUnitCount)
        text.append(path)
        return isOurs(text)
    }

    private static func isOurs(_ path: borrowing MessageText) -> Bool {
        guard let facts = path.facts() else { return false }
        return facts.isOurs || facts.owner == 0
    }
}
