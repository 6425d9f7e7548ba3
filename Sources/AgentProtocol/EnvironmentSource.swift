package import Platform
import SecureMemory

/// Where variables of the environment are looked up: in that of this process, or in a copy of some of them.
package struct EnvironmentSource: ~Escapable {
    /// Nil for the process's own.
    private let copy: RawSpan?

    /// The environment of this process, read where it lies: for programs that have one thread, or do not change it.
    package static var process: EnvironmentSource {
        @_lifetime(immortal)
        get { EnvironmentSource() }
    }

    @_lifetime(immortal)
    private init() { copy = nil }

    /// - Parameter copy: variables, each `NAME=value` with a zero behind it.
    @_lifetime(copy copy)
    package init(copy: RawSpan) { self.copy = copy }

    /// The value of a variable; nil when it is missing.
    @_lifetime(copy self)
    func value(_ name: StaticString) -> RawSpan? {
        guard let copy else { return Self.ownValue(name) }
        var rest = copy
        while let end = rest.firstIndex(of: 0) {
            let variable = rest.extracting(first: end)
            let count = name.utf8CodeUnitCount
            if variable.hasPrefix(name.rawSpan), variable.byteCount > count,
                variable.byte(at: count) == UInt8(ascii: "=")
            {
                return variable.extracting(droppingFirst: count + 1)
            }
            rest = rest.extracting(droppingFirst: end + 1)
        }
        return nil
    }

    @_lifetime(immortal)
    private static func ownValue(_ name: StaticString) -> RawSpan? {
        // A literal's bytes end with a zero.
        let value = unsafe getenv(UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
        guard let value = unsafe value else { return nil }
        let bytes = unsafe RawSpan(_unsafeStart: value, byteCount: strlen(value))
        return unsafe _overrideLifetime(bytes, copying: ())
    }

    /// Appends the variables that `isKept` lets through, for a program that is started.
    package func append(to words: inout CWords, where isKept: (RawSpan) -> Bool) {
        guard let copy else { return words.appendEnvironment(where: isKept) }
        var rest = copy
        while let end = rest.firstIndex(of: 0) {
            let variable = rest.extracting(first: end)
            if isKept(variable) { words.append(variable) }
            rest = rest.extracting(droppingFirst: end + 1)
        }
    }
}

/// The bytes of a variable of the environment.
package struct EnvironmentBytes: ~Escapable {
    package let bytes: RawSpan

    /// Nil when the variable is missing or empty.
    @_lifetime(copy source)
    package init?(_ name: StaticString, in source: EnvironmentSource = .process) {
        guard let value = source.value(name), !value.isEmpty else { return nil }
        bytes = value
    }

    @_lifetime(copy bytes)
    private init(_ bytes: RawSpan) { self.bytes = bytes }

    /// By the XDG rules a value that is no absolute path counts as missing; `/` alone adds nothing.
    @_lifetime(copy source)
    package static func absolute(
        _ name: StaticString, in source: EnvironmentSource = .process
    ) -> EnvironmentBytes? {
        guard let value = EnvironmentBytes(name, in: source), value.isAbsolute else { return nil }
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
