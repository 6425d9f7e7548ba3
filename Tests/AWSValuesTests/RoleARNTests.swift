import AWSValues
import Testing

@Suite struct RoleARNTests {
    @Test("a role's ARN is taken apart")
    func parts() throws {
        let arn = try #require(RoleARN("arn:aws-us-gov:iam::123456789012:role/service-role/Deploy"))
        #expect(arn.partition.name == "aws-us-gov")
        #expect(arn.accountID == "123456789012")
        #expect(arn.resource == "service-role/Deploy")
    }

    @Test(
        "what is no role's ARN is refused",
        arguments: [
            "", "arn:aws:iam::123456789012:role/", "arn:aws:iam::123456789012:user/Alice",
            "arn:aws:sts::123456789012:role/A", "arn:aws:iam:eu-west-1:123456789012:role/A",
            "arn:aws:iam::12345678901:role/A", "arn:aws:iam::12345678901x:role/A",
            "arn:elsewhere:iam::123456789012:role/A",
            "arn:aws:iam::123456789012:role/A B", "arn:aws:iam::123456789012:role/Ä",
            "arn:aws:iam::123456789012:role/A/",
            " arn:aws:iam::123456789012:role/A", "arn:aws:iam::123456789012",
        ])
    func refused(_ text: String) { #expect(RoleARN(text) == nil) }

    @Test("a role of every partition is a role, and an unknown partition has its name")
    func partitions() {
        for partition in AWSPartition.all {
            #expect(RoleARN("arn:\(partition.name):iam::123456789012:role/A")?.partition == partition)
        }
        #expect(RoleARN.unknownPartition(in: "arn:aws-mars:iam::123456789012:role/A") == "aws-mars")
        for other in ["arn:aws-cn:iam::123456789012:role/A", "arn:aws mars:iam::123456789012:role/A", "x"] {
            #expect(RoleARN.unknownPartition(in: other) == nil)
        }
    }

    @Test("a role's ARN has at most 2048 characters")
    func length() {
        let start = "arn:aws:iam::123456789012:role/"
        #expect(RoleARN(start + String(repeating: "a", count: 2048 - start.count)) != nil)
        #expect(RoleARN(start + String(repeating: "a", count: 2049 - start.count)) == nil)
    }
}
