import Platform
import TestSupport

extension Scratch {
    func write(_ text: String, to name: String, mode: mode_t = 0o600) throws {
        try put(Array(text.utf8), at: name, mode: mode)
    }

    /// What a file holds; nil if there is none.
    func read(_ name: String) throws -> String? {
        guard permissions(name) != nil else { return nil }
        return String(decoding: try bytes(of: name), as: UTF8.self)
    }

    /// The names in the directory, sorted.
    func names() throws -> [String] { try entries() }
}
