import AWSValues
import AgentProtocol
import DurableFiles
import Platform
package import ProgramSupport
import SecureMemory

/// What AWS clients were refused last, and may have hidden: eight of their families show an exit status or less.
package struct Refusals {
    package struct Refusal {
        /// As it was kept, in UTC.
        package let time: String
        package let count: Int64
        package let name: String
        package let message: String
        package let cure: String

        fileprivate var shownTime: String { Timestamp.seconds(time).map(LocalTime.text) ?? time }

        /// Whether the vault was locked, which unlocking it has cured since.
        var isOfLock: Bool { message.hasPrefix("the vault is locked") }
    }

    /// The newest first.
    package let all: [Refusal]

    /// What the helpers of this machine's user kept; none when that cannot be read.
    package static func kept() -> Refusals {
        do {
            let directory = try Directory(Paths.stateDirectory())
            let file = try directory.open("refusals", flags: O_RDONLY)
            let status = try file.status()
            try status.requireRegular("refusals")
            try status.requireOwn("refusals")
            let text = try file.readAll(limit: RefusalLog.sizeLimit)
            return unsafe text.withUnsafeBytes {
                unsafe Refusals(all: lines(String(decoding: $0, as: UTF8.self)).reversed())
            }
        } catch {
            return Refusals(all: [])
        }
    }

    /// The file is not trusted: bounded, and escaped again.
    private static func lines(_ text: String) -> [Refusal] {
        text.split(separator: "\n").suffix(RefusalLog.limit).compactMap { line in
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map {
                String($0.prefix(500)).printable
            }
            guard parts.count == 5, parts[0].utf8.count == 20, let count = Int64(parts[1]) else { return nil }
            return Refusal(
                time: parts[0], count: count, name: parts[2], message: parts[3], cure: parts[4])
        }
    }

    /// Keeps a refusal of this program.
    package static func add(_ name: String, _ failure: Failure) {
        guard let state = StateDirectory() else { return }
        let directory = state.open()
        guard directory >= 0 else { return }
        defer { close(directory) }
        let (name, message, cure) = (
            [UInt8](name.utf8), [UInt8](failure.message.utf8), [UInt8]((failure.hint ?? "").utf8)
        )
        RefusalLog.add(
            name.rawSpan, message: message.rawSpan, cure: cure.rawSpan, in: directory, now: UnixTime.now())
    }

    package func json(isUnlocked: Bool) -> JSONText? {
        guard !all.isEmpty else { return nil }
        return .array(
            all.map { refusal in
                .object([
                    ("at", .string(refusal.time)), ("entry", .string(refusal.name)),
                    ("message", .string(refusal.message)),
                    ("hint", refusal.cure.isEmpty ? nil : .string(refusal.cure)),
                    ("count", .number(refusal.count)),
                    ("cured", isUnlocked && refusal.isOfLock ? .boolean(true) : nil),
                ])
            })
    }

    /// - Parameter isUnlocked: whether the vault is unlocked now, which cures what a locked one refused.
    package func rows(isUnlocked: Bool) -> [[String]] {
        all.filter { !isUnlocked || !$0.isOfLock }.enumerated().flatMap { index, refusal in
            let times = refusal.count > 1 ? ", \(refusal.count) times" : ""
            let cure = refusal.cure.isEmpty ? "" : ": \(refusal.cure)"
            return [
                [
                    index == 0 ? "last failures" : "",
                    "\(refusal.name.isEmpty ? "" : "\(refusal.name), ")\(refusal.shownTime)\(times)",
                ],
                ["", "\(refusal.message)\(cure)"],
            ]
        }
    }
}
