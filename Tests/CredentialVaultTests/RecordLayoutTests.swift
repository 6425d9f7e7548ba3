import SecureMemory
import Testing

@testable import CredentialVault

/// What the descriptions of the records come down to, against the table of the format.
@Suite("Layouts of records")
struct RecordLayoutTests {
    struct Table: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let layout: RecordLayout
        let tags: [UInt16]
        let mandatory: [UInt16]
        var secrets: [UInt16] = []
    }

    static let tables = [
        Table(
            testDescription: "access key", layout: .accessKey, tags: Array(1...32),
            mandatory: [1, 2, 3, 4, 9, 11], secrets: [4, 5, 22, 28]),
        Table(
            testDescription: "role", layout: .role,
            tags: [1, 2, 9, 11, 13, 14, 18, 20, 21, 23] + Array(33...41),
            mandatory: [1, 2, 9, 11, 33, 34]),
        Table(
            testDescription: "tombstone", layout: .tombstone, tags: [2, 11], mandatory: [2, 11]),
        Table(
            testDescription: "sealed blob", layout: .sealedBlob, tags: [1, 2, 9, 11],
            mandatory: [1, 2, 9, 11]),
        Table(testDescription: "of a later version", layout: .of(99), tags: [2], mandatory: [2]),
    ]

    @Test("a record has the fields of the format, and lacks none that it must have", arguments: tables)
    func fields(table: Table) {
        #expect(table.layout.fields.map(\.tag) == table.tags)
        #expect(table.layout.fields.filter(\.isMandatory).map(\.tag) == table.mandatory)
        #expect(table.layout.fields.filter(\.isSecret).map(\.tag) == table.secrets)
    }

    @Test("a value that breaks its rule is named as people know it", arguments: tables)
    func complaints(table: Table) throws {
        for field in table.layout.fields {
            let name = "\(field.name)"
            #expect(!name.isEmpty && !name.contains(where: \.isNumber))
            #expect(field.complaint.hasPrefix("invalid \(name): "))
        }
    }

    @Test("what a file lacks or breaks is told by its name, with no number of the format")
    func damage() {
        let key = TestRecord.accessKey(1)
        #expect(
            reason { _ = try TestContent(records: [key.with(3, [65])]).read() }
                == .damaged("invalid access key ID: it must have 16 to 128 capital letters and digits"))
        #expect(
            reason { _ = try TestContent(records: [key.without(4)]).read() }
                == .damaged("missing secret access key"))
        #expect(
            reason { _ = try TestContent(records: [key.without(11)]).read() }
                == .damaged("missing time of the last change"))
    }

    @Test("a file has a step of a later version, and a message none; both keep the key from being served")
    func laterStep() throws {
        let key = TestRecord.accessKey(1).with(24, [9]).with(25, time(5))
        let contents = try TestContent(records: [key]).read()
        #expect(contents.entries.first?.rotation?.phase == .later)
        let role = TestRecord.accessKey(2).with(16, [2])
        #expect(try TestContent(records: [role]).read().entries.first?.serve == .role(""))
    }
}
