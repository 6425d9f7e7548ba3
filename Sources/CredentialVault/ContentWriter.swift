import SecureMemory
import VaultCrypto

extension VaultContents {
    /// The size of the encoded content without its padding.
    package var encodedCount: Int {
        4 + ancestors.count * VaultFormat.macCount + 4 + records.reduce(0) { $0 + $1.range.count }
    }

    /// Writes the content and its padding into `target`, which is zero and of the padded size.
    package func encode(into target: consuming MutableRawSpan) {
        var target = target
        target.setLittleEndian(VaultFormat.contentVersion, at: 0)
        target.setLittleEndian(UInt16(ancestors.count), at: 2)
        var position = 4
        for ancestor in ancestors {
            target.overwrite(at: position, with: ancestor.rawSpan)
            position += ancestor.count
        }
        target.setLittleEndian(UInt32(records.count), at: position)
        position += 4
        for record in records.sorted(by: { $0.id < $1.id }) {
            target.overwrite(at: position, with: bytes(of: record.place).extracting(record.range))
            position += record.range.count
        }
        target.storeBytes(of: 0x80, toByteOffset: position, as: UInt8.self)
    }
}

extension MutableRawSpan {
    fileprivate mutating func setLittleEndian<T: FixedWidthInteger & BitwiseCopyable>(
        _ value: T, at position: Int
    ) {
        storeBytes(of: value.littleEndian, toByteOffset: position, as: T.self)
    }
}
