import SecureMemory
import VaultCrypto

extension VaultContents {
    /// Whether something secret of before is gone: a record, or one of its secrets. The file of before still has
    /// it, and must not be kept then.
    ///
    /// It is told from the contents, and not from the kind of change: a change of a later day cannot forget to
    /// say so.
    func dropsSecrets(since before: Snapshot) throws -> Bool {
        if burials != before.burials { return true }
        let key = try Sodium.randomSecret(32)
        // Records that are where they were are what they were.
        let unchanged = Set(records.map(Location.init))
        let changed = Set(before.records.map(Location.init)).subtracting(unchanged)
        guard !changed.isEmpty else { return false }
        let kept = Set(records.map(Location.init)).subtracting(before.records.map(Location.init))
        let still = marks(of: kept, key)
        return !marks(of: changed, key).isSubset(of: still)
    }

    /// A record and where its bytes are.
    private struct Location: Hashable {
        let type: UInt8
        let place: Record.Place
        let range: Range<Int>

        init(_ record: Record) {
            type = record.type
            place = record.place
            range = record.range
        }
    }

    /// What stands for each secret of the records: its keyed hash, so that no secret is copied.
    private func marks(of locations: Set<Location>, _ key: borrowing SecretBytes) -> Set<[UInt8]> {
        var marks: Set<[UInt8]> = []
        for location in locations {
            unsafe withBytes(of: location.place) { bytes in
                unsafe RecordFormat.forEachSecret(of: location.type, in: location.range, bytes) {
                    unsafe marks.insert(KeyedHash.code(key: key, message: $0))
                }
            }
        }
        return marks
    }
}

extension RecordFormat {
    /// Calls `body` with each secret of a record that was read before. What this version does not know is taken
    /// for a secret.
    fileprivate static func forEachSecret(
        of type: UInt8, in range: Range<Int>, _ bytes: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        var position = range.lowerBound + headCount
        while position < range.upperBound {
            let tag: UInt16 = unsafe bytes.littleEndian(at: position)
            let length = Int(unsafe bytes.littleEndian(at: position + 2, as: UInt32.self))
            let start = position + fieldHeadCount
            if isSecret(type: type, tag: tag) {
                unsafe body(UnsafeRawBufferPointer(rebasing: bytes[start..<(start + length)]))
            }
            position = start + length
        }
    }

    private static func isSecret(type: UInt8, tag: UInt16) -> Bool {
        switch tag {
        case Tag.secretAccessKey, Tag.sessionToken, Tag.oneTimeCodeSeed, Tag.otherSecretAccessKey:
            if type == accessKey { return true }
        default: break
        }
        if case .unknown = rule(type: type, tag: tag) { return true }
        return false
    }
}
