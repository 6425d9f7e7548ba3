package import AWSValues
import ProgramSupport

extension EntryName {
    package static func check(_ name: String) throws {
        guard isValid(name) else {
            throw Failure(
                .usage, "invalid entry name '\(String(name.prefix(200)).printable)'", hint: rule)
        }
    }
}
