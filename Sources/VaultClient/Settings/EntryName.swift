import CredentialVault
import ProgramSupport

/// The names that entries can have.
package enum EntryName {
    package static func check(_ name: String) throws {
        guard unsafe TextRules.check(name, TextRules.isName) else {
            throw Failure(
                .usage, "invalid entry name '\(String(name.prefix(200)).printable)'",
                hint: "start with a letter, then use letters, digits and ._@+/-, up to 128 characters")
        }
    }
}
