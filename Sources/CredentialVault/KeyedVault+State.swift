import DurableFiles
import SecureMemory
import VaultCrypto

extension KeyedVault {
    /// One state of the file, checked whole.
    struct State: ~Copyable {
        let header: VaultHeader
        var freshness: Freshness
        /// Where the record of each entry and role lies in the content.
        let index: [IndexKey: Range<Int>]
        /// The same, by the ids of the records.
        let ranges: [RecordID: Range<Int>]
        /// The same, in the order of the file.
        let order: [Range<Int>]
        let roleCount: Int

        /// The header MACs of the saves before, which are no secret.
        private let ancestors: [[UInt8]]
        /// The body with its tag, as it is on the disk. No secret.
        private let body: [UInt8]
        private let bodyKey: SecretBytes
        private let nameKey: SecretBytes

        /// What stands for a name, so that an agent that answers one name does not hold all of them.
        struct IndexKey: Hashable {
            let high: UInt64
            let low: UInt64
        }

        /// Reads the file.
        ///
        /// - Parameter seen: the header that was read before.
        init(_ location: VaultLocation, keys: borrowing VaultKeys, after seen: VaultHeader?) throws {
            let sealed = try SealedVault(location, checkingDigest: false, narrowing: false)
            let header = sealed.header
            if let seen { try Self.requireSuccession(header, after: seen) }
            guard keys.authenticates(header) else {
                if let seen, header.epoch > seen.epoch { throw ContentError(reason: .rekeyedMeanwhile) }
                throw ContentError.damaged("its header is not authentic")
            }
            let bodyKey = try keys.bodyKey(for: header)
            let nameKey = try Sodium.randomSecret(32)
            let body = sealed.body
            let contents = try Self.open(body, header: header, bodyKey: bodyKey)
            var index: [IndexKey: Range<Int>] = [:]
            var ranges: [RecordID: Range<Int>] = [:]
            var roles: Set<IndexKey> = []
            index.reserveCapacity(contents.records.count)
            ranges.reserveCapacity(contents.records.count)
            for record in contents.records where record.hasUniqueName {
                guard let name = record.name else { continue }
                let start = record.range.lowerBound - SecretBox.tagCount
                let range = start..<(start + record.range.count)
                let key = Self.key(name, nameKey)
                index[key] = range
                if record.type == RecordType.role { roles.insert(key) }
                ranges[record.id] = range
            }
            freshness = try Self.compare(header, contents.ancestors, keys: keys, seen: seen, location)
            ancestors = contents.ancestors
            self.index = index
            roleCount = roles.count
            self.ranges = ranges
            order = ranges.values.sorted { $0.lowerBound < $1.lowerBound }
            self.header = header
            self.body = body
            self.bodyKey = bodyKey
            self.nameKey = nameKey
        }

        /// Compares once more with what this machine remembers, which other processes may have brought on.
        mutating func review(_ keys: borrowing VaultKeys, _ location: VaultLocation) throws {
            freshness = try Self.compare(header, ancestors, keys: keys, seen: nil, location)
        }

        func indexKey(_ name: String) -> IndexKey { Self.key(name, nameKey) }

        /// The whole content, decrypted.
        func contents(_ keys: borrowing VaultKeys) throws -> VaultContents {
            try Self.open(body, header: header, bodyKey: bodyKey)
        }

        /// Decrypts a part of the content.
        func read(_ range: Range<Int>, into target: inout SecretBytes) -> Range<Int> {
            let sealed = (range.lowerBound + SecretBox.tagCount)..<(range.upperBound + SecretBox.tagCount)
            return SecretBox.read(
                body.rawSpan.extracting(sealed), at: range.lowerBound, into: target.mutableBytes,
                nonce: header.bodyNonce.rawSpan, key: bodyKey)
        }

        private static func open(
            _ body: [UInt8], header: VaultHeader, bodyKey: borrowing SecretBytes
        ) throws -> VaultContents {
            var image = try SecretBytes(copying: body.rawSpan)
            try SecretBox.open(image.mutableBytes, nonce: header.bodyNonce.rawSpan, key: bodyKey)
            return try VaultContents(image: image, range: SecretBox.tagCount..<body.count)
        }

        private static func key(_ name: String, _ nameKey: borrowing SecretBytes) -> IndexKey {
            let hash = KeyedHash.code(key: nameKey, message: name.utf8.span.rawSpan)
            return IndexKey(high: hash.littleEndian(at: 0), low: hash.littleEndian(at: 8))
        }

        private static func requireSuccession(
            _ header: VaultHeader, after seen: VaultHeader
        ) throws(ContentError) {
            guard header.vaultID == seen.vaultID else { throw ContentError(reason: .otherVault) }
            guard header.epoch >= seen.epoch else { throw ContentError(reason: .revoked) }
        }

        /// Compares with what this machine remembers and with what this process saw, and remembers a
        /// successor.
        private static func compare(
            _ header: VaultHeader, _ ancestors: [[UInt8]], keys: borrowing VaultKeys, seen: VaultHeader?,
            _ location: VaultLocation
        ) throws -> Freshness {
            let store = FreshnessStore(stateDirectory: location.stateDirectory, vaultID: header.vaultID)
            let recollection = store.recall()
            let own = seen.map { FreshnessStore.Recollection.known(keys.memory(of: $0)) } ?? .never
            func freshness(to remembered: FreshnessStore.Recollection) throws(ContentError) -> Freshness {
                try FreshnessStore.compare(
                    header, keyID: keys.keyID, ancestors: ancestors, with: remembered)
            }
            let byMachine = try freshness(to: recollection)
            let byProcess = try freshness(to: own)
            // What this process saw itself says more than a memory that cannot be used.
            if case .unverified = byMachine { return byProcess == .current ? byMachine : byProcess }
            guard byMachine == .current, byProcess == .current else {
                return byMachine == .current ? byProcess : byMachine
            }
            if recollection.memory?.mac != header.mac {
                try? store.write(keys.memory(of: header)) { $0 == recollection }
            }
            return .current
        }
    }
}
