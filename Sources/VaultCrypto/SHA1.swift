import SecureMemory

/// SHA-1 (FIPS 180-4), for one-time codes and nothing else: MFA devices make theirs with it (RFC 6238), and
/// libsodium leaves it out, since it is no longer fit for signatures. Its state lies in secret memory.
struct SHA1: ~Copyable {
    /// The five words of the state, then the eighty of the schedule, then the block.
    private var memory: SecretBytes
    private var filled = 0
    private var total = 0

    static let count = 20
    static let blockCount = 64
    private static let scheduleOffset = 20
    private static let blockOffset = 20 + 320

    init() throws(CryptoError) {
        memory = try Sodium.allocateSecret(Self.blockOffset + Self.blockCount)
        let start: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        for (place, word) in start.enumerated() { set(place * 4, word) }
    }

    mutating func update(_ bytes: RawSpan) {
        total += bytes.byteCount
        for position in 0..<bytes.byteCount { append(bytes.byte(at: position)) }
    }

    /// Writes the digest to the first 20 bytes of `target`, and ends.
    consuming func finish(into target: inout SecretBytes) {
        precondition(target.count >= Self.count)
        let bits = UInt64(total) * 8
        append(0x80)
        while filled != 56 { append(0) }
        for shift in stride(from: 56, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: bits >> shift)) }
        var digest = target.mutableBytes
        for place in 0..<5 {
            digest.storeBytes(of: word(place * 4).bigEndian, toByteOffset: place * 4, as: UInt32.self)
        }
    }

    private mutating func append(_ byte: UInt8) {
        let offset = Self.blockOffset + filled
        var bytes = memory.mutableBytes
        bytes.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
        filled += 1
        if filled == Self.blockCount {
            filled = 0
            mix()
        }
    }

    private mutating func mix() {
        for place in 0..<16 {
            let offset = Self.blockOffset + place * 4
            let value: UInt32 = memory.bytes.littleEndian(at: offset)
            set(Self.scheduleOffset + place * 4, value.byteSwapped)
        }
        let schedule = { (place: Int) in Self.scheduleOffset + place * 4 }
        for place in 16..<80 {
            let mixed =
                word(schedule(place - 3)) ^ word(schedule(place - 8)) ^ word(schedule(place - 14))
                ^ word(schedule(place - 16))
            set(schedule(place), Self.rotate(mixed, 1))
        }
        var (a, b, c, d, e) = (word(0), word(4), word(8), word(12), word(16))
        for place in 0..<80 {
            let (mixed, constant): (UInt32, UInt32) =
                switch place {
                case 0..<20: ((b & c) | (~b & d), 0x5A82_7999)
                case 20..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                case 40..<60: ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            let next = Self.rotate(a, 5) &+ mixed &+ e &+ constant &+ word(schedule(place))
            (e, d, c, b, a) = (d, c, Self.rotate(b, 30), a, next)
        }
        for (place, value) in [a, b, c, d, e].enumerated() { set(place * 4, word(place * 4) &+ value) }
        Sodium.wipeStack()
    }

    private func word(_ offset: Int) -> UInt32 {
        memory.bytes.littleEndian(at: offset)
    }

    private mutating func set(_ offset: Int, _ value: UInt32) {
        var bytes = memory.mutableBytes
        bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word << count | word >> (32 - count)
    }
}
