import SecureMemory
import VaultCrypto

/// Reads the body's plaintext and checks every rule of the format.
struct ContentReader: ~Escapable {
    struct Read {
        var records: [Record] = []
        var ancestors: [[UInt8]] = []
        var indexByName: [String: Int] = [:]
    }

    private let image: RawSpan

    @_lifetime(copy image)
    init(_ image: RawSpan) { self.image = image }

    /// Reads the content in `range`, padding included. Ranges of records refer to the whole image.
    func read(_ range: Range<Int>) throws(ContentError) -> Read {
        let end = try unpad(range)
        let bytes = image.extracting(first: end)
        let reader = RecordReader(bytes)
        var position = range.lowerBound
        guard end - position >= 4 else { throw .damaged("its content is too short") }
        let version: UInt16 = bytes.littleEndian(at: position)
        guard version == VaultFormat.contentVersion else {
            throw ContentError(reason: .unsupported("content version \(version)"))
        }
        let ancestors = Int(bytes.littleEndian(UInt16.self, at: position + 2))
        position += 4
        guard ancestors <= VaultFormat.ancestorLimit else {
            throw .damaged("its list of earlier saves is too long")
        }
        guard end - position >= ancestors * VaultFormat.macCount + 4 else {
            throw .damaged("its list of earlier saves is cut off")
        }
        var read = Read()
        for _ in 0..<ancestors {
            read.ancestors.append([UInt8](bytes.extracting(position..<(position + VaultFormat.macCount))))
            position += VaultFormat.macCount
        }
        let count = Int(bytes.littleEndian(UInt32.self, at: position))
        position += 4
        guard count <= VaultFormat.recordLimit else { throw .damaged("it has more than 4096 entries") }
        read.records.reserveCapacity(count)
        read.indexByName.reserveCapacity(count)
        for _ in 0..<count {
            let record = try reader.read(at: position, place: .image)
            position = record.range.upperBound
            if let last = read.records.last, last.id >= record.id {
                throw .damaged("its entries are out of order")
            }
            if record.hasUniqueName, let name = record.name {
                guard read.indexByName.updateValue(read.records.count, forKey: name) == nil else {
                    throw .damaged("two entries have the same name")
                }
            }
            read.records.append(record)
        }
        guard position == end else { throw .damaged("its content goes on after the last entry") }
        return read
    }

    /// Where the content ends: before one byte 0x80 and nothing but zeros, in the smallest size that fits.
    private func unpad(_ range: Range<Int>) throws(ContentError) -> Int {
        var end = range.upperBound
        while end > range.lowerBound, image.byte(at: end - 1) == 0 { end -= 1 }
        guard end > range.lowerBound, image.byte(at: end - 1) == 0x80 else {
            throw .damaged("invalid padding")
        }
        end -= 1
        let body = range.count + SecretBox.tagCount
        guard VaultFormat.bodyCount(forContent: end - range.lowerBound) == body else {
            throw .damaged("invalid length of its padding")
        }
        return end
    }
}
