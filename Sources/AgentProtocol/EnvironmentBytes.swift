import Platform
import SecureMemory

/// The bytes of a variable of the environment, which is not changed while the program runs.
package struct EnvironmentBytes: ~Escapable {
    package let bytes: RawSpan

    /// Nil when the variable is missing or empty.
    @_lifetime(immortal)
    package init?(_ name: StaticString) {
        // A literal's bytes end with a zero.
        let value = unsafe getenv(UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
        guard let value = unsafe value, unsafe value.pointee != 0 else { return nil }
        let span = unsafe RawSpan(_unsafeStart: value, byteCount: strlen(value))
        bytes = unsafe _overrideLifetime(span, copying: ())
    }

    @_lifetime(copy bytes)
    private init(_ bytes: RawSpan) { self.bytes = bytes }

    /// By the XDG rules a value that is no absolute path counts as missing; `/` alone adds nothing.
    @_lifetime(immortal)
    package static func absolute(_ name: StaticString) -> EnvironmentBytes? {
        guard let value = EnvironmentBytes(name), value.isAbsolute else { return nil }
        return value.bytes.byteCount == 1 ? EnvironmentBytes(RawSpan()) : value
    }

    package var isAbsolute: Bool { !bytes.isEmpty && bytes.byte(at: 0) == UInt8(ascii: "/") }

    /// Whether the value names a file of another user.
    package var isForeign: Bool {
        var path = MessageText(limit: bytes.byteCount)
        path.append(bytes)
        guard let facts = path.facts() else { return false }
        return !facts.isOurs
    }
}
