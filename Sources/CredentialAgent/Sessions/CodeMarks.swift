import SecureMemory
import VaultCrypto

/// Marks of codes that were sent in the last ten minutes, by device.
///
/// A code has six digits: any hash of one, next to its key, gives the code away to whoever tries a million. So a
/// mark has twelve bits only, and stands for about 244 codes. A code that nobody sent is taken for a spent one
/// once in 4096 times for each that was; the device's next code is not.
struct CodeMarks {
    /// It stands in the file, and keeps tables that were made before from being of use.
    private var key: [UInt8]
    private var entries: [Entry] = []

    struct Entry: Equatable {
        let device: [UInt8]
        let mark: UInt16
        /// When it was sent, by both clocks.
        let boot: Int64
        let unix: Int64
    }

    enum Spending { case done, spentBefore, tooMany }

    /// How long a code is remembered, in seconds: beyond, no device shows it any more.
    static let seconds: Int64 = 600
    /// The most codes of one device. A person types few, and a seed makes twenty: who sends more guesses.
    static let deviceLimit = 64
    /// The most codes of all devices.
    static let entryLimit = 1024

    init(key: [UInt8]) { self.key = key }

    static func randomKey() -> [UInt8] { Sodium.randomPublicBytes(keyCount) }

    mutating func spend(
        _ code: RawSpan, serial: String, _ now: AgentState.Moment,
        makeKey: () -> [UInt8]
    ) throws -> Spending {
        entries.removeAll { !$0.isRecent(now) }
        // Marks that were read at different times say nothing of each other.
        if entries.isEmpty { key = makeKey() }
        let key = try SecretBytes(copying: self.key.rawSpan)
        let device = KeyedHash.code(key: key, message: serial.utf8.span.rawSpan, name: "sealring1-mfadev")
        let count = device.count + code.byteCount
        var text = try SecretBuffer(capacity: count, limit: count)
        _ = try text.append(device.rawSpan)
        _ = try text.append(code)
        let hash = KeyedHash.code(key: key, message: text.bytes, name: "sealring1-mfacod")
        let entry = Entry(
            device: Array(device.prefix(Self.deviceCount)),
            mark: (UInt16(hash[0]) << 8 | UInt16(hash[1])) & 0x0FFF, boot: now.boot, unix: now.unix)
        let own = entries.filter { $0.device == entry.device }
        if own.contains(where: { $0.mark == entry.mark }) { return .spentBefore }
        guard own.count < Self.deviceLimit, entries.count < Self.entryLimit else { return .tooMany }
        entries.append(entry)
        return .done
    }

    // MARK: the file

    private static let magic = Array("SRNGCOD1".utf8)
    private static let keyCount = 32
    private static let deviceCount = 8
    private static let entryCount = deviceCount + 2 + 8 + 8
    private static let headCount = 8 + keyCount
    /// The most bytes of the file.
    static let limit = headCount + entryLimit * entryCount

    /// `magic (8) ‖ key (32)`, then for each code `device (8) ‖ mark (u16) ‖ boot (i64) ‖ unix (i64)`.
    var encoded: [UInt8] {
        var bytes = Self.magic + key
        for entry in entries {
            bytes += entry.device
            bytes += [UInt8(entry.mark & 0xFF), UInt8(entry.mark >> 8)]
            for number in [entry.boot, entry.unix] {
                let number = UInt64(bitPattern: number)
                for place in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * place))) }
            }
        }
        return bytes
    }

    /// Nil when it is not such a file.
    init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= Self.headCount, bytes.byteCount <= Self.limit,
            (bytes.byteCount - Self.headCount).isMultiple(of: Self.entryCount),
            bytes.hasPrefix(Self.magic.rawSpan)
        else { return nil }
        key = [UInt8](bytes.extracting(8..<Self.headCount))
        var position = Self.headCount
        while position < bytes.byteCount {
            let mark = position + Self.deviceCount
            entries.append(
                Entry(
                    device: [UInt8](bytes.extracting(position..<mark)),
                    mark: bytes.littleEndian(at: mark), boot: bytes.littleEndian(at: mark + 2),
                    unix: bytes.littleEndian(at: mark + 10)))
            position += Self.entryCount
        }
    }
}

extension CodeMarks.Entry {
    /// Whether a device may still show the code. Both clocks must say that it does not: one is set by people,
    /// and the other begins again with the machine.
    fileprivate func isRecent(_ now: AgentState.Moment) -> Bool {
        let (byBoot, bootOverflow) = now.boot.subtractingReportingOverflow(boot)
        let (byUnix, unixOverflow) = now.unix.subtractingReportingOverflow(unix)
        let isOldByBoot = bootOverflow || byBoot < 0 || byBoot >= CodeMarks.seconds
        // A clock that was a day ahead or more tells nothing.
        let isOldByUnix = unixOverflow || byUnix <= -86_400 || byUnix >= CodeMarks.seconds
        return !(isOldByBoot && isOldByUnix)
    }
}
