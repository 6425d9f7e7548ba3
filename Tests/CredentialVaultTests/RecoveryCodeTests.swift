import CredentialVault
import SecureMemory
import TestSupport
import Testing

struct RecoveryCodeTests {
    @Test(
        "the text of a code is read and written as the format's other implementation does",
        arguments: [
            codeText, otherCodeText, "0000-0000-0000-0000-0000-0000-0000-0000-5QT0",
            "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-NYZG",
        ])
    func known(text: String) throws {
        let written = try code(text).text().exposed
        #expect(String(decoding: written, as: UTF8.self) == text)
    }

    @Test("a new code is read back as itself, and no two are the same")
    func random() throws {
        var texts: Set<[UInt8]> = []
        for _ in 0..<20 {
            let text = try RecoveryCode().text()
            #expect(text.count == RecoveryCode.textCount)
            #expect(try RecoveryCode(text: text).text().exposed == text.exposed)
            texts.insert(text.exposed)
        }
        #expect(texts.count == 20)
    }

    @Test(
        "case, spaces, hyphens and look-alikes do not matter",
        arguments: [
            codeText.lowercased(), codeText.replacing("-", with: ""), codeText.replacing("-", with: " "),
            "  \(codeText.replacing("-", with: " - "))--", codeText.replacing("0", with: "O"),
            codeText.replacing("0", with: "o"), codeText.replacing("1", with: "I"),
            codeText.replacing("1", with: "l"), codeText.replacing("1", with: "i"),
            codeText.replacing("1", with: "L"),
        ])
    func tolerant(text: String) throws {
        #expect(String(decoding: try code(text).text().exposed, as: UTF8.self) == codeText)
    }

    @Test("any one character mistyped is detected")
    func mistyped() throws {
        let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        let right = Array(codeText)
        for position in right.indices where right[position] != "-" {
            for digit in digits where digit != right[position] {
                var wrong = right
                wrong[position] = digit
                #expect(isMistyped(String(wrong)), "\(String(wrong))")
            }
        }
    }

    @Test("two neighbours swapped are detected")
    func swapped() throws {
        let right = Array(codeText)
        for position in right.indices.dropLast() where right[position] != right[position + 1] {
            guard right[position] != "-", right[position + 1] != "-" else { continue }
            var wrong = right
            wrong.swapAt(position, position + 1)
            #expect(isMistyped(String(wrong)), "\(String(wrong))")
        }
    }

    @Test(
        "what is no code is mistyped",
        arguments: [
            "", "-", String(codeText.dropLast()), "\(codeText)0", "\(codeText)\n",
            String(codeText.dropFirst(5)),
            "U\(rest)", "é\(rest)", "{\(rest)", "\u{0}\(rest)", String(repeating: "0", count: 100_000),
        ])
    func noCode(text: String) { #expect(isMistyped(text)) }

    private static let rest = String(codeText.dropFirst())

    private func isMistyped(_ text: String) -> Bool {
        reason { _ = try code(text) } == .mistypedRecoveryCode
    }
}
