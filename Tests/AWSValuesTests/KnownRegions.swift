// Written by Tests/Oracles/partitions.py from botocore 1.43.11.

struct KnownRegion: Sendable {
    let name, partition, sts, iam, iamRegion: String

    init(_ name: String, _ partition: String, _ sts: String, _ iam: String, _ iamRegion: String) {
        self.name = name
        self.partition = partition
        self.sts = sts
        self.iam = iam
        self.iamRegion = iamRegion
    }

    static let partitions = [
        "aws", "aws-cn", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-us-gov",
    ]

    static let all: [KnownRegion] = [
        KnownRegion("af-south-1", "aws", "sts.af-south-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("ap-east-1", "aws", "sts.ap-east-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("ap-east-2", "aws", "sts.ap-east-2.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "ap-northeast-1", "aws", "sts.ap-northeast-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "ap-northeast-2", "aws", "sts.ap-northeast-2.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "ap-northeast-3", "aws", "sts.ap-northeast-3.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("ap-south-1", "aws", "sts.ap-south-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("ap-south-2", "aws", "sts.ap-south-2.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "ap-southeast-1", "aws", "sts.ap-southeast-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "ap-southeast-2", "aws", "sts.ap-southeast-2.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "ap-southeast-3", "aws", "sts.ap-southeast-3.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "ap-southeast-4", "aws", "sts.ap-southeast-4.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "ap-southeast-5", "aws", "sts.ap-southeast-5.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "ap-southeast-6", "aws", "sts.ap-southeast-6.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "ap-southeast-7", "aws", "sts.ap-southeast-7.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "ca-central-1", "aws", "sts.ca-central-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("ca-west-1", "aws", "sts.ca-west-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "eu-central-1", "aws", "sts.eu-central-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "eu-central-2", "aws", "sts.eu-central-2.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("eu-north-1", "aws", "sts.eu-north-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("eu-south-1", "aws", "sts.eu-south-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("eu-south-2", "aws", "sts.eu-south-2.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("eu-west-1", "aws", "sts.eu-west-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("eu-west-2", "aws", "sts.eu-west-2.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("eu-west-3", "aws", "sts.eu-west-3.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "il-central-1", "aws", "sts.il-central-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "me-central-1", "aws", "sts.me-central-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("me-south-1", "aws", "sts.me-south-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "mx-central-1", "aws", "sts.mx-central-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("sa-east-1", "aws", "sts.sa-east-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("us-east-1", "aws", "sts.us-east-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("us-east-2", "aws", "sts.us-east-2.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("us-west-1", "aws", "sts.us-west-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion("us-west-2", "aws", "sts.us-west-2.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
        KnownRegion(
            "cn-north-1", "aws-cn", "sts.cn-north-1.amazonaws.com.cn", "iam.cn-north-1.amazonaws.com.cn",
            "cn-north-1"),
        KnownRegion(
            "cn-northwest-1", "aws-cn", "sts.cn-northwest-1.amazonaws.com.cn",
            "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        KnownRegion(
            "eusc-de-east-1", "aws-eusc", "sts.eusc-de-east-1.amazonaws.eu",
            "iam.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
        KnownRegion(
            "us-iso-east-1", "aws-iso", "sts.us-iso-east-1.c2s.ic.gov", "iam.us-iso-east-1.c2s.ic.gov",
            "us-iso-east-1"),
        KnownRegion(
            "us-iso-west-1", "aws-iso", "sts.us-iso-west-1.c2s.ic.gov", "iam.us-iso-east-1.c2s.ic.gov",
            "us-iso-east-1"),
        KnownRegion(
            "us-isob-east-1", "aws-iso-b", "sts.us-isob-east-1.sc2s.sgov.gov",
            "iam.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"),
        KnownRegion(
            "us-isob-west-1", "aws-iso-b", "sts.us-isob-west-1.sc2s.sgov.gov",
            "iam.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"),
        KnownRegion(
            "eu-isoe-west-1", "aws-iso-e", "sts.eu-isoe-west-1.cloud.adc-e.uk",
            "iam.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"),
        KnownRegion(
            "us-isof-east-1", "aws-iso-f", "sts.us-isof-east-1.csp.hci.ic.gov",
            "iam.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"),
        KnownRegion(
            "us-isof-south-1", "aws-iso-f", "sts.us-isof-south-1.csp.hci.ic.gov",
            "iam.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"),
        KnownRegion(
            "us-gov-east-1", "aws-us-gov", "sts.us-gov-east-1.amazonaws.com", "iam.us-gov.amazonaws.com",
            "us-gov-west-1"),
        KnownRegion(
            "us-gov-west-1", "aws-us-gov", "sts.us-gov-west-1.amazonaws.com", "iam.us-gov.amazonaws.com",
            "us-gov-west-1"),
    ]
}
