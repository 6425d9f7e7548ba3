import AWSValues
import SecureMemory

/// Brings a source to UTF-8. UTF-8 with or without a byte order mark stays where it is; UTF-16, which Excel and
/// PowerShell write, is told by its mark and rewritten into secret memory of its own.
func textBytes(_ bytes: consuming SecretBytes) throws(ImportError) -> SecretBytes {
    guard let order = UTF16Order(bytes.bytes.octets) else { return bytes }
    var count = 0
    try transcode(bytes.bytes.octets, order) { _ in count += 1 }
    var converted: SecretBytes
    do throws(SecureMemoryError) {
        converted = try SecretBytes(count: count)
    } catch {
        throw .memory(error)
    }
    var target = converted.mutableBytes
    var end = 0
    try transcode(bytes.bytes.octets, order) { unit in
        target.storeBytes(of: unit, toByteOffset: end, as: UInt8.self)
        end += 1
    }
    return converted
}

/// Whether a byte order mark says that the text is UTF-16.
func isUTF16Text(_ bytes: Span<UInt8>) -> Bool { UTF16Order(bytes) != nil }

/// Where the text begins: behind UTF-8's byte order mark, if there is one.
func textStart(_ bytes: Span<UInt8>) -> Int {
    bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
}

private enum UTF16Order {
    case littleEndian, bigEndian

    init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= 2 else { return nil }
        switch (bytes[0], bytes[1]) {
        case (0xFF, 0xFE): self = .littleEndian
        case (0xFE, 0xFF): self = .bigEndian
        default: return nil
        }
    }
}

/// Hands the UTF-8 of UTF-16 text, without its byte order mark, to `emit`, byte after byte.
private func transcode(
    _ bytes: Span<UInt8>, _ order: UTF16Order, _ emit: (UInt8) -> Void
) throws(ImportError) {
    guard bytes.count % 2 == 0 else { throw .binary }
    var index = 2
    func nextUnit() -> UInt16? {
        guard index < bytes.count else { return nil }
        defer { index += 2 }
        let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
        return order == .littleEndian ? second << 8 | first : first << 8 | second
    }
    while let unit = nextUnit() {
        var scalar = Unicode.Scalar(unit)
        if scalar == nil, unit < 0xDC00, let low = nextUnit(), (0xDC00...0xDFFF).contains(low) {
            scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
        }
        guard let scalar, let encoded = UTF8.encode(scalar) else { throw .binary }
        for byte in encoded { emit(byte) }
    }
}
