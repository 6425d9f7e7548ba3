import Platform
import SecureMemory

/// Why there is no answer, for people: what is wrong, the cure, and the exit code, which follows `sysexits.h`.
///
/// Plain bytes, for the helper, which builds no strings; who has strings makes one of it.
package struct Refusal: ~Copyable {
    package let code: Int32
    /// Whether unlocking the vault may help.
    package var isLocked: Bool
    /// Whether the code of an MFA device may help.
    package let needsCode: Bool
    package var message = MessageText(limit: Self.partLimit)
    package var cure = MessageText(limit: Self.partLimit)

    /// Two of these and what is between them stay under 1000 bytes.
    private static var partLimit: Int { 480 }

    package static var usage: Int32 { 64 }
    package static var missing: Int32 { 66 }
    package static var unavailable: Int32 { 69 }
    package static var memory: Int32 { 71 }
    package static var inputOutput: Int32 { 74 }
    package static var notPermitted: Int32 { 77 }

    package init(
        code: Int32, _ message: StaticString, _ cure: StaticString, isLocked: Bool = false,
        needsCode: Bool = false
    ) {
        self.code = code
        self.isLocked = isLocked
        self.needsCode = needsCode
        self.message.append(message)
        self.cure.append(cure)
    }

    /// A person has to say what an MFA device shows.
    package static func codeNeeded(_ entry: RawSpan) -> Refusal {
        var refusal = Refusal(
            code: notPermitted, "an MFA code is needed", "give it with 'sealring session ", needsCode: true)
        refusal.cure.appendPrintable(entry)
        refusal.cure.append("'")
        return refusal
    }

    package static var locked: Refusal {
        Refusal(code: notPermitted, "the vault is locked", "run 'sealring unlock'", isLocked: true)
    }

    /// What the agent answered instead; nil when it is no proper answer.
    package init?(answer frame: inout FrameReader) {
        guard let code = frame.next(UInt32.self), let message = frame.next(), let cure = frame.next(),
            frame.isAtEnd, message.byteCount > 0
        else { return nil }
        self.code = (64...78).contains(code) ? Int32(code) : Self.inputOutput
        isLocked = false
        needsCode = false
        self.message.appendPrintable(message)
        self.cure.appendPrintable(cure)
    }
}
