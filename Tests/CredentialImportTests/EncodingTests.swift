import CredentialImport
import Testing

@Suite struct EncodingTests {
    enum Order: CaseIterable { case little, big }

    static func utf16(_ text: String, _ order: Order) -> [UInt8] {
        ([0xFEFF] + Array(text.utf16)).flatMap { unit in
            let pair = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
            return order == .little ? pair : pair.reversed()
        }
    }

    @Test("UTF-16 with a byte order mark is read, in all kinds of files", arguments: Order.allCases)
    func readsUTF16(order: Order) throws {
        let contents = [
            "User name;Access key ID;Secret access key\r\nü😀;\(exampleID);\(exampleSecret)\r\n",
            "[ü😀]\r\naws_access_key_id=\(exampleID)\r\naws_secret_access_key=\(exampleSecret)\r\n",
            #"{"UserName":"ü😀","AccessKeyId":"\#(exampleID)","SecretAccessKey":"\#(exampleSecret)"}"#,
        ]
        for content in contents {
            let document = try parse(Self.utf16(content, order))
            #expect(document.pairs == ["\(exampleID):\(exampleSecret)"])
            #expect(document.keys.map { $0.userName ?? $0.profile } == ["ü😀"])
        }
    }

    @Test(
        "broken UTF-16 and UTF-16 without a mark are refused",
        arguments: [
            [0xFF, 0xFE, 0x41], [0xFF, 0xFE, 0x00, 0xD8], [0xFF, 0xFE, 0x00, 0xDC],
            [0xFF, 0xFE, 0x00, 0xDC, 0x00, 0xDC], [0xFE, 0xFF, 0xDC, 0x00, 0xD8, 0x00],
            [0xFE, 0xFF, 0xD8, 0x00, 0x00, 0x41],
            [0x41, 0x00, 0x42, 0x00], [0xFF, 0xFE, 0x00, 0x00, 0x41, 0x00, 0x00, 0x00],
        ] as [[UInt8]])
    func refusesBrokenUTF16(bytes: [UInt8]) {
        #expect(throws: ImportError.binary) { _ = try parse(bytes) }
    }
}
