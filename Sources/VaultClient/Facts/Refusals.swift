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

        /// - Parameter isUnlocked: whether the vault is unlocked now.
        fileprivate func isCured(_ isUnlocked: Bool) -> Bool { isOfLock && (isUnlocked || wasUnlockedSince) }

        fileprivate var shownTime: String { Timestamp.seconds(time).map(LocalTime.text) ?? time }

        /// Whether the vault was locked.
        fileprivate let isOfLock: Bool
        /// Whether the vault was unlocked later.
        fileprivate let wasUnlockedSince: Bool
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
                unsafe Refusals(all: read(String(decoding: $0, as: UTF8.self)))
            }
        } catch {
            return Refusals(all: [])
        }
    }

    /// The file is not trusted: bounded, and escaped again.
    private static func read(_ text: String) -> [Refusal] {
        var refusals: [Refusal] = []
        var wasUnlockedSince = false
        for line in text.split(separator: "\n").suffix(RefusalLog.limit).reversed() {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map {
                String($0.prefix(500)).printable
            }
            // Lines of earlier versions have no kind.
            guard parts.count == 5 || parts.count == 6, parts[0].utf8.count == 20, let count = Int64(parts[1])
            else { continue }
            let kind = parts.count == 6 ? parts[5] : ""
            guard kind != "\(RefusalLog.Kind.unlock.word)" else {
                wasUnlockedSince = true
                continue
            }
            refusals.append(
                Refusal(
                    time: parts[0], count: count, name: parts[2], message: parts[3], cure: parts[4],
                    isOfLock: kind == "\(RefusalLog.Kind.locked.word)", wasUnlockedSince: wasUnlockedSince))
        }
        return refusals
    }

    /// Keeps a refusal of this program.
    package static func add(_ name: String, _ failure: Failure) {
        let kind: RefusalLog.Kind = failure.reason == .locked ? .locked : .other
        add(name, message: failure.message, cure: failure.hint ?? "", kind)
    }

    /// Notes that the vault was unlocked, which cures what its lock had refused.
    static func noteUnlock() {
        guard kept().all.contains(where: { $0.isOfLock && !$0.wasUnlockedSince }) else { return }
        add("", message: "unlocked", cure: "", .unlock)
    }

    private static func add(
        _ name: String, message: String, cure: String, _ kind: RefusalLog.Kind
    ) {
        guard let state = StateDirectory() else { return }
        let directory = state.open()
        guard directory >= 0 else { return }
        defer { close(directory) }
        let (name, message, cure) = ([UInt8](name.utf8), [UInt8](message.utf8), [UInt8](cure.utf8))
        RefusalLog.add(
            name.rawSpan, message: message.rawSpan, cure: cure.rawSpan, kind: kind, in: directory,
            now: UnixTime.now())
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
                    ("cured", refusal.isCured(isUnlocked) ? .boolean(true) : nil),
                ])
            })
    }

    /// - Parameter isUnlocked: whether the vault is unlocked now, which cures what a locked one refused.
    package func rows(isUnlocked: Bool) -> [[String]] {
        all.filter { !$0.isCured(isUnlocked) }.enumerated().flatMap { index, refusal in
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
