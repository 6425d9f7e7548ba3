import CredentialImport
import Platform
import SecureMemory
import Testing

@Suite struct FileKindTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        let name: String
        let file: String
        let content: String
        let entry: String
        var user: String?
        var format = ImportFormat.accessKeyCSV
        var isRoot = false

        var testDescription: String { name }
    }

    static let kinds = [
        Kind(
            name: "create-user of 2012", file: "credentials.csv",
            content: """
                "User Name","Access Key Id","Secret Access Key"
                "alice",\(exampleID),\(exampleSecret)
                """, entry: "alice", user: "alice"),
        Kind(
            name: "create-user to 2022", file: "new_user_credentials.csv",
            content: """
                User name,Password,Access key ID,Secret access key,Console login link
                alice,"a,""b",\(exampleID),\(exampleSecret),https://1.signin.aws.amazon.com/console
                """, entry: "alice", user: "alice"),
        Kind(
            name: "access keys today", file: "/home/u/Downloads/alice_accessKeys.csv",
            content: "Access key ID,Secret access key\n\(exampleID),\(exampleSecret)", entry: "alice"),
        Kind(
            name: "downloaded twice", file: "alice_accessKeys (1).csv",
            content: "Access key ID,Secret access key\n\(exampleID),\(exampleSecret)", entry: "alice"),
        Kind(
            name: "without a user, any name", file: "my keys.old.csv",
            content: "Access key ID,Secret access key\n\(exampleID),\(exampleSecret)", entry: "my-keys.old"),
        Kind(
            name: "edited for the CLI", file: "x.csv",
            content: "User Name,Access key ID,Secret access key\nprod,\(exampleID),\(exampleSecret)\n",
            entry: "prod", user: "prod"),
        Kind(
            name: "old rootkey.csv", file: "rootkey.csv",
            content: "AWSAccessKeyId=\(exampleID)\r\nAWSSecretKey=\(exampleSecret)\r\n", entry: "rootkey",
            format: .rootKeyCSV, isRoot: true),
        Kind(
            name: "newer rootkey.csv", file: "rootkey (2).csv",
            content: "Access key ID,Secret access key\r\n\(exampleID),\(exampleSecret)", entry: "rootkey",
            format: .rootKeyCSV, isRoot: true),
        Kind(
            name: "credentials", file: "credentials",
            content: """
                [prod]
                aws_access_key_id = \(exampleID)
                aws_secret_access_key = \(exampleSecret)
                """, entry: "prod", format: .ini),
        Kind(
            name: "config", file: "config",
            content: """
                [profile prod]
                aws_access_key_id = \(exampleID)
                aws_secret_access_key = \(exampleSecret)
                """, entry: "prod", format: .ini),
        Kind(
            name: "create-access-key", file: "key.json",
            content: """
                {"AccessKey": {"UserName": "bob", "AccessKeyId": "\(exampleID)", "Status": "Active",
                 "SecretAccessKey": "\(exampleSecret)", "CreateDate": "2015-03-09T18:39:23.411Z"}}
                """, entry: "bob", user: "bob", format: .json),
        Kind(
            name: "credential_process", file: "work.json",
            content: """
                {"Version": 1, "AccessKeyId": "\(exampleID)", "SecretAccessKey": "\(exampleSecret)"}
                """, entry: "work", format: .json),
    ]

    @Test("a file of every kind gives its key, its name and its user", arguments: kinds)
    func reads(kind: Kind) throws {
        let document = try parse(kind.content, fileName: kind.file)
        #expect(document.problems == [])
        #expect(document.pairs == ["\(exampleID):\(exampleSecret)"])
        #expect(document.format == kind.format)
        let key = try #require(document.keys.first)
        #expect(key.suggestedName == kind.entry)
        #expect(key.userName == kind.user)
        #expect(key.isRootKey == kind.isRoot)
        #expect(key.warnings == (kind.isRoot ? [.rootKey] : []))
    }

    @Test("without a name in the content or of the file, the access key id names the entry")
    func namesAfterID() throws {
        let document = try parse("Access key ID,Secret access key\n\(exampleID),\(exampleSecret)")
        #expect(document.keys.map(\.suggestedName) == [exampleID])
    }

    @Test(
        "the sample files hold the keys of AWS's documentation",
        arguments: [
            ("accessKeys.csv", 1), ("new_user_credentials.csv", 2), ("rootkey-old.csv", 1),
            ("credentials.ini", 2), ("create-access-key.json", 1),
        ])
    func readsSamples(name: String, count: Int) throws {
        let document = try parse(try sample(name), fileName: name)
        #expect(document.problems == [])
        let expected = ["\(exampleID):\(exampleSecret)", "\(otherID):\(otherSecret)"]
        #expect(document.pairs == Array(expected.prefix(count)))
    }
}

func sample(_ name: String) throws -> [UInt8] {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let file = try unsafe #require(fopen("/\(root)/Examples/samples/\(name)", "r"))
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    return Array(bytes.prefix(count))
}
