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
            // What this version does not know is taken for a secret.
            let layout = RecordLayout.of(location.type)
            var fields = EncodedFields(of: location.range, in: bytes(of: location.place))
            while let field = fields.next() {
                guard layout.field(field.tag)?.isSecret ?? true else { continue }
                marks.insert(KeyedHash.code(key: key, message: field.value))
            }
        }
        return marks
    }
}
