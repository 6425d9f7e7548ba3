import VaultCrypto

/// Reads the body's plaintext and checks every rule of the format.
enum ContentReader {
    struct Read {
        var records: [Record] = []
        var ancestors: [[UInt8]] = []
        var indexByName: [String: Int] = [:]
    }

    static func read(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) throws(ContentError) -> Read {
        let end = try unsafe unpad(bytes, in: range)
        var position = range.lowerBound
        guard end - position >= 4 else { throw .damaged("its content is too short") }
        let version: UInt16 = unsafe bytes.littleEndian(at: position)
        guard version == VaultFormat.contentVersion else {
            throw ContentError(reason: .unsupported("content version \(version)"))
        }
        let ancestors = Int(unsafe bytes.littleEndian(at: position + 2, as: UInt16.self))
        position += 4
        guard ancestors <= VaultFormat.ancestorLimit else { throw .damaged("it has too many ancestors") }
        guard end - position >= ancestors * VaultFormat.macCount + 4 else {
            throw .damaged("its list of ancestors is cut off")
        }
        var read = Read()
        for _ in 0..<ancestors {
            read.ancestors.append(unsafe Array(bytes[position..<(position + VaultFormat.macCount)]))
            position += VaultFormat.macCount
        }
        let count = Int(unsafe bytes.littleEndian(at: position, as: UInt32.self))
        position += 4
        guard count <= VaultFormat.recordLimit else { throw .damaged("it has more than 4096 records") }
        read.records.reserveCapacity(count)
        read.indexByName.reserveCapacity(count)
        for _ in 0..<count {
            let record = try unsafe RecordReader.read(bytes, at: position, end: end, place: .image)
            position = record.range.upperBound
            if let last = read.records.last, last.id >= record.id {
                throw .damaged("its records are not sorted by their ids")
            }
            if record.hasUniqueName, let name = record.name {
                guard read.indexByName.updateValue(read.records.count, forKey: name) == nil else {
                    throw .damaged("two entries have the same name")
                }
            }
            read.records.append(record)
        }
        guard position == end else { throw .damaged("its content goes on after the last record") }
        return read
    }

    /// Where the content ends: before one byte 0x80 and nothing but zeros, in the smallest size that fits.
    private static func unpad(
        _ bytes: UnsafeRawBufferPointer, in range: Range<Int>
    ) throws(ContentError) -> Int {
        var end = range.upperBound
        while end > range.lowerBound, unsafe bytes[end - 1] == 0 { end -= 1 }
        guard end > range.lowerBound, unsafe bytes[end - 1] == 0x80 else {
            throw .damaged("its padding is wrong")
        }
        end -= 1
        let body = range.count + SecretBox.tagCount
        guard VaultFormat.bodyCount(forContent: end - range.lowerBound) == body else {
            throw .damaged("its padding has a wrong length")
        }
        return end
    }
}
