import SecureMemory
import VaultCrypto

/// The constants of format 1.
enum VaultFormat {
    static let magic: [UInt8] = [0x89, 0x53, 0x52, 0x4E, 0x47, 0x0D, 0x0A, 0x1A]
    static let major: UInt16 = 1
    static let minor: UInt16 = 0

    static let preambleCount = 128
    static let slotCount = 1004
    static let slots = 8
    static let macCount = 32
    static let headerCount = 8192
    static let macOffset = headerCount - macCount
    static let digestCount = 32
    static let fileLimit = 4 << 20

    static let ancestorLimit = 64
    static let recordLimit = 4096
    static let tombstoneLimit = 1024
    static let tombstoneLifetime: Int64 = 366 * 86_400

    static let contentVersion: UInt16 = 1
    static let secretLimit = 4 << 10
    static let tokenLimit = 6 << 10
    static let fieldLimit = 4 << 10
    static let endpointLimit = 512
    static let pathLimit = 1024
    static let serialLimit = 256
    /// These two and the other fields of a role together fit into one message of the agent.
    static let tagsLimit = 24 << 10
    static let tagKeysLimit = 8 << 10
    /// The bytes of a seed for one-time codes.
    static let seedCounts = 10...128
    /// The most roles of a chain that leads to an access key.
    static let chainLimit = 8
    static let unknownFieldLimit = 1 << 20

    /// The sealed size of a body whose content has `count` bytes: the smallest class that holds it and a
    /// byte of padding, and the tag; nil when there is none within the limit of a file.
    static func bodyCount(forContent count: Int) -> Int? {
        let step = 256 << 10
        let classes = [16 << 10, 32 << 10, 64 << 10, 128 << 10, step]
        let padded = classes.first { $0 > count } ?? (count / step + 1) * step
        let body = padded + SecretBox.tagCount
        return headerCount + body + digestCount <= fileLimit ? body : nil
    }

    /// Whether a body of this size can have been sealed by the format.
    static func isBodyCount(_ body: Int) -> Bool {
        body > SecretBox.tagCount && bodyCount(forContent: body - SecretBox.tagCount - 1) == body
    }
}

extension Array where Element == UInt8 {
    func littleEndian<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type = T.self) -> T {
        rawSpan.littleEndian(at: offset)
    }

    mutating func setLittleEndian<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
        var bytes = mutableRawSpan
        bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
    }

    mutating func replace(at offset: Int, with bytes: some Collection<UInt8>) {
        replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    }
}
