import SecureMemory
import TestSupport
import VaultCrypto

@testable import CredentialVault

/// Content as the format says it, written down a second time: the tests break one rule of it each.
struct TestContent {
    var version: UInt16 = 1
    var ancestors: [[UInt8]] = []
    var records: [TestRecord] = []
    /// Written in place of the number of records.
    var count: UInt32?
    var end: [UInt8] = []

    var bytes: [UInt8] {
        little(version) + little(UInt16(ancestors.count)) + ancestors.joined()
            + little(count ?? UInt32(records.count)) + records.flatMap(\.bytes) + end
    }

    /// The contents as the library reads them.
    func read() throws -> VaultContents { try CredentialVaultTests.read(padded(bytes)) }
}

struct TestRecord {
    var type: UInt8
    var fields: [(tag: UInt16, value: [UInt8])]
    /// Added to the record's length.
    var lengthError: UInt32 = 0

    var bytes: [UInt8] {
        let body = fields.flatMap { little($0.tag) + little(UInt32($0.value.count)) + $0.value }
        return [type] + little(UInt32(body.count) &+ lengthError) + body
    }

    /// An access key with nothing but its mandatory fields; `number` is the order of its id.
    static func accessKey(_ number: UInt16, name: String? = nil) -> TestRecord {
        TestRecord(
            type: 1,
            fields: [
                (1, Array((name ?? "key-\(number)").utf8)), (2, id(number)),
                (3, Array("AKIAIOSFODNN7EXAMPLE".utf8)), (4, Array("made-up secret \(number)".utf8)),
                (9, time(1_700_000_000)), (11, time(1_700_000_001)),
            ])
    }

    static func role(_ number: UInt16, name: String? = nil) -> TestRecord {
        .bare(2, like: accessKey(number, name: name))
            .with(33, Array("arn:aws:iam::123456789012:role/Admin".utf8)).with(34, id(65_535))
    }

    static func blob(_ number: UInt16, name: String? = nil) -> TestRecord {
        .bare(4, like: accessKey(number, name: name))
    }

    private static func bare(_ type: UInt8, like key: TestRecord) -> TestRecord {
        TestRecord(type: type, fields: key.fields.filter { [1, 2, 9, 11].contains($0.tag) })
    }

    static func tombstone(_ number: UInt16, changedAt: Int64) -> TestRecord {
        TestRecord(type: 3, fields: [(2, id(number)), (11, time(changedAt))])
    }

    static func id(_ number: UInt16) -> [UInt8] {
        [UInt8(number >> 8), UInt8(number & 255)] + [UInt8](repeating: 7, count: 14)
    }

    func with(_ tag: UInt16, _ value: [UInt8]) -> TestRecord {
        var record = without(tag)
        record.fields.append((tag, value))
        record.fields.sort { $0.tag < $1.tag }
        return record
    }

    func without(_ tag: UInt16) -> TestRecord {
        var record = self
        record.fields.removeAll { $0.tag == tag }
        return record
    }
}

func little(_ number: some FixedWidthInteger) -> [UInt8] {
    unsafe withUnsafeBytes(of: number.littleEndian) { unsafe Array($0) }
}

func time(_ seconds: Int64) -> [UInt8] { little(seconds) }

/// The content and its padding, up to the smallest size that holds both.
func padded(_ content: [UInt8]) -> [UInt8] {
    let sizes =
        [16 << 10, 32 << 10, 64 << 10, 128 << 10] + stride(from: 256 << 10, to: 5 << 20, by: 256 << 10)
    let size = sizes.first { $0 > content.count } ?? content.count + 1
    return content + [0x80] + [UInt8](repeating: 0, count: size - content.count - 1)
}

/// What the library reads from a decrypted body.
func read(_ padded: [UInt8]) throws -> VaultContents {
    try VaultContents(image: secret(padded), range: 0..<padded.count)
}

/// The content and padding that the library would seal.
func encoded(_ contents: borrowing VaultContents) throws -> [UInt8] {
    let body = VaultFormat.bodyCount(forContent: contents.encodedCount) ?? 0
    var bytes = [UInt8](repeating: 0, count: body - SecretBox.tagCount)
    contents.encode(into: bytes.mutableRawSpan)
    return bytes
}

/// A copy of bytes outside of secret memory, for a comparison.
func exposed(_ bytes: RawSpan?) -> [UInt8]? {
    guard let bytes else { return nil }
    return [UInt8](bytes)
}
