import DurableFiles
import SecureMemory

/// The files in which Linux describes itself: `/proc` and `/sys`, or a copy of them below another root.
struct SystemFiles {
    let root: String

    /// No number from such a file is larger, so that a few can be added without a trap.
    static let most = Int.max >> 4

    /// The value behind a name, in a file of names and values; nil when it is not there.
    func value(_ name: String, in path: String) -> Int? {
        guard let text = text(path) else { return nil }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count > 1, words[0] == name { return Self.number(words[1]) }
        }
        return nil
    }

    /// The number that a file holds; nil when it is missing or a word, such as `max`.
    func number(_ path: String) -> Int? {
        text(path).flatMap { Self.number($0.split(separator: "\n").first ?? "") }
    }

    /// How many pages this process has mapped, and how many of those are data.
    func processPages() -> (all: Int, data: Int)? {
        guard let fields = text("/proc/self/statm")?.split(separator: " "), fields.count >= 6,
            let all = Self.number(fields[0]), let data = Self.number(fields[5])
        else { return nil }
        return (all, data)
    }

    func exists(_ path: String) -> Bool { FileStatus.of(root + path) != nil }

    func text(_ path: String, limit: Int = 32 << 10) -> String? {
        guard let file = try? FileHandle.open(root + path) else { return nil }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < limit {
            guard let got = try? file.read(into: chunk.mutableRawSpan) else { return nil }
            bytes += chunk[..<got]
            if got < chunk.count { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func number(_ text: Substring) -> Int? {
        guard let number = UInt64(text) else { return nil }
        return Int(min(number, UInt64(most)))
    }
}
