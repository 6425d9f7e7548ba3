import Testing

@testable import AWSValues

@Suite struct AWSRegionTests {
    @Test("the table has the partitions of botocore, and no others")
    func partitions() {
        #expect(AWSPartition.all.map(\.name).sorted() == KnownRegion.partitions)
        #expect(AWSPartition.named("aws-mars") == nil && AWSPartition.named("") == nil)
    }

    @Test("requests go where botocore sends them", arguments: KnownRegion.all)
    func hosts(_ known: KnownRegion) throws {
        let partition = try AWSRegion.partition(of: known.name)
        #expect(partition.name == known.partition)
        #expect(partition.stsHost(known.name) == known.sts)
        #expect((partition.iamHost, partition.defaultRegion) == (known.iam, known.iamRegion))
    }

    @Test("the regions that AWS has are known, and no others")
    func known() {
        for region in KnownRegion.all { #expect(AWSRegion.isKnown(region.name), "\(region.name)") }
        #expect(AWSRegion.known.count == KnownRegion.all.count)
        for region in ["eu-cental-1", "auto", "eu-central-1a", ""] { #expect(!AWSRegion.isKnown(region)) }
    }

    @Test(
        "sign-in and console have the hosts of their partition",
        arguments: [
            ("eu-west-1", "signin.aws.amazon.com", "console.aws.amazon.com"),
            ("cn-north-1", "signin.amazonaws.cn", "console.amazonaws.cn"),
            ("us-gov-east-1", "signin.amazonaws-us-gov.com", "console.amazonaws-us-gov.com"),
            ("eusc-de-east-1", "eusc-de-east-1.signin.amazonaws-eusc.eu", "console.amazonaws-eusc.eu"),
            ("us-iso-west-1", "us-iso-west-1.signin.c2shome.ic.gov", "console.c2shome.ic.gov"),
            ("us-isob-east-1", "us-isob-east-1.signin.sc2shome.sgov.gov", "console.sc2shome.sgov.gov"),
            ("eu-isoe-west-1", "eu-isoe-west-1.signin.csphome.adc-e.uk", "console.csphome.adc-e.uk"),
            ("us-isof-south-1", "us-isof-south-1.signin.csphome.hci.ic.gov", "console.csphome.hci.ic.gov"),
        ])
    func console(region: String, signin: String, console: String) {
        let partition = AWSPartition(region: region)
        #expect((partition.signinHost(region), partition.consoleHost) == (signin, console))
    }

    @Test(
        "a region that AWS may add belongs to the partition of its name",
        arguments: [
            ("nz-north-1", "aws"), ("eu-central-17", "aws"), ("cn-south-1", "aws-cn"),
            ("us-gov-central-1", "aws-us-gov"), ("eusc-de-west-2", "aws-eusc"), ("aws-global", "aws"),
            ("aws-cn-global", "aws-cn"),
        ])
    func later(region: String, partition: String) throws {
        #expect(try AWSRegion.partition(of: region).name == partition)
    }

    @Test(
        "a zone is not a region, and its region is named",
        arguments: [
            ("us-east-1a", "us-east-1"), ("eu-central-1c", "eu-central-1"),
            ("us-gov-west-1b", "us-gov-west-1"),
            ("us-west-2-lax-1a", "us-west-2"), ("us-west-2-lax-1", "us-west-2"),
            ("us-east-1-wl1-bos-wlz-1", "us-east-1"), ("cn-northwest-1a", "cn-northwest-1"),
        ])
    func zones(zone: String, region: String) {
        #expect(throws: AWSRegion.Fault.zone(of: region)) { try AWSRegion.check(zone) }
    }

    @Test(
        "regions of other stores may be stored, and nothing is asked of AWS there",
        arguments: ["auto", "garage", "fr-par", "nyc3", "us-east1", "local", "us-east", "eu-x", "1", "a--1"])
    func foreign(_ region: String) throws {
        try AWSRegion.check(region)
        #expect(throws: AWSRegion.Fault.foreign) { try AWSRegion.partition(of: region) }
        #expect(AWSPartition(region: region) == .standard)
    }

    @Test(
        "the region of an unknown partition is known as that",
        arguments: ["us-isox-east-1", "eusc-fr-west-1"])
    func unknown(_ region: String) throws {
        try AWSRegion.check(region)
        #expect(throws: AWSRegion.Fault.unknownPartition) { try AWSRegion.partition(of: region) }
    }

    @Test("a region has 1 to 63 lower-case letters, digits and hyphens inside")
    func form() throws {
        try AWSRegion.check(String(repeating: "a", count: 63))
        for text in ["", String(repeating: "a", count: 64), "-a", "a-", "A", "a.b", "a_b", "a/b", "ä", "a\n"]
        {
            #expect(throws: AWSRegion.Fault.form) { try AWSRegion.check(text) }
        }
    }
}

@Suite struct MFADeviceTests {
    @Test(
        "a device that shows codes is taken",
        arguments: AWSPartition.all.map { "arn:\($0.name):iam::123456789012:mfa/alice" } + [
            "arn:aws:iam::123456789012:mfa/team/alice@example.com",
            "arn:aws:iam::123456789012:mfa/root-account-mfa-device", "GAHT12345678", "another-device",
        ])
    func taken(_ serial: String) throws { try MFADevice.check(serial) }

    @Test(
        "a device that AWS takes no codes of is refused, and the reason said",
        arguments: [
            ("arn:aws:iam::123456789012:u2f/user/alice/YubiKey-ABC", .securityKey),
            ("arn:aws-cn:iam::123456789012:u2f/root-account/key", .securityKey),
            ("arn:aws:iam::123456789012:sms-mfa/alice", .textMessage),
            ("arn:aws-mars:iam::123456789012:mfa/alice", .unknownPartition("aws-mars")),
            ("arn:aws:iam::12345678901:mfa/alice", .form), ("arn:aws:iam::123456789012:mfa/", .form),
            ("arn:aws:iam::123456789012:user/alice", .form), ("arn:aws:iam::123456789012:mfa", .form),
            ("12345678", .form), ("GAHT 12345678", .form), (String(repeating: "1", count: 257), .form),
            ("GAHT12345678\n", .form), ("", .form),
        ] as [(String, MFADevice.Fault)])
    func refused(serial: String, fault: MFADevice.Fault) {
        #expect(throws: fault) { try MFADevice.check(serial) }
        #expect(!fault.reason.isEmpty)
    }
}
