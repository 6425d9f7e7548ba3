// Written by Tests/Oracles/signed-requests.py; not to be edited.
// swift-format-ignore-file

@testable import AWSRequests

/// A request as botocore serialises and signs it.
struct KnownRequest: Sendable {
    let operation: AWSOperation
    let region, url, secret: String
    let token: String?
    let body, authorization: String

    /// 2026-11-24T06:05:04Z
    static let time: Int64 = 1_795_500_304
    static let code = "287082"

    static let all: [KnownRequest] = [
        KnownRequest(
            operation: .getCallerIdentity,
            region: "cn-north-1", url: "https://sts.cn-north-1.amazonaws.com.cn/",
            secret: "HhF5b5Da1b93g1cc9535I719Chg1ej/FbJabEGBd", token: nil,
            body: "Action=GetCallerIdentity&Version=2011-06-15",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/cn-north-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=0b0ef5ec059dcc59022e07c87be3f4a729ef1956d924f42650621dc4d22242e2"),
        KnownRequest(
            operation: .getSessionToken(seconds: 3600, serial: nil),
            region: "eu-central-1", url: "https://sts.eu-central-1.amazonaws.com/",
            secret: "bfJGb4F6dIhCIBjcG2E3CjbF/58I093j37E/7d0J", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=3600",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/eu-central-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=d5a51be9fdac8e1b60b73c2cac01dbebce864ea025b8e8079527adfcee0590d4"),
        KnownRequest(
            operation: .getSessionToken(seconds: 900, serial: "GAHT12345678"),
            region: "us-east-1", url: "https://sts.us-east-1.amazonaws.com/",
            secret: "211bcEa279acAIdaiHDaBafeheH45eDeF4a3jcch", token: nil,
            body: "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=900&SerialNumber=GAHT12345678&TokenCode=287082",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=be555057d66109b103ef5b15a0891f71429801ecf4988c3b11720ebab183359a"),
        KnownRequest(
            operation: .getFederationToken(name: "a@b", seconds: 900, policy: "{}", policyARNs: ["arn:aws:iam::aws:policy/x"]),
            region: "us-east-1", url: "https://sts.us-east-1.amazonaws.com/",
            secret: "iAce9GHj0giA7D1J17FDBa3h5aiFIa82dC7aB1c1", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=GetFederationToken&Version=2011-06-15&Name=a%40b&DurationSeconds=900&Policy=%7B%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2Fx",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=8e373dfb58a0978ed05bcdb0ed928f3b35229dfdd110ce59922ae28e73e8f893"),
        KnownRequest(
            operation: .listAccessKeys(marker: nil),
            region: "eu-central-1", url: "https://iam.amazonaws.com/",
            secret: "H+Je+5EGJDEA+b2G7/e0Ie6HbJGEaHb93f+F6EcA", token: nil,
            body: "Action=ListAccessKeys&Version=2010-05-08",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=1f7a09a7580a53275da592b6e7f88d39cc4b47d8b87826b69f9eba1f5135d708"),
        KnownRequest(
            operation: .listAccessKeys(marker: "a/b+c= d"),
            region: "us-gov-west-1", url: "https://iam.us-gov.amazonaws.com/",
            secret: "Db6F+E7461d2f8AC7Ab5/gbfJIg8D9IF9I3E9072", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=ListAccessKeys&Version=2010-05-08&Marker=a%2Fb%2Bc%3D%20d",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-gov-west-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=1f0e44adefb4262c84df968585342afa53eee888737414614f6f4a27e2a15a36"),
        KnownRequest(
            operation: .createAccessKey,
            region: "eu-central-1", url: "https://iam.amazonaws.com/",
            secret: "h7jicfe8ff8fF4E56jC/85CH2aej72EGE91/aA5e", token: nil,
            body: "Action=CreateAccessKey&Version=2010-05-08",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=4635ad4afebc66f7c2eeff0ce6ca3bd3676e76f3e80287a23757b7070f05525e"),
        KnownRequest(
            operation: .updateAccessKey(id: "AKIAIOSFODNN7EXAMPLE", isActive: false),
            region: "cn-north-1", url: "https://iam.cn-north-1.amazonaws.com.cn/",
            secret: "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", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=UpdateAccessKey&Version=2010-05-08&AccessKeyId=AKIAIOSFODNN7EXAMPLE&Status=Inactive",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/cn-north-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=fc226f865ee96f69f039d05a1998d47997117194bda07e416d979dd23e22dbe6"),
        KnownRequest(
            operation: .deleteAccessKey(id: "AKIAIOSFODNN7EXAMPLE"),
            region: "us-east-1", url: "https://iam.amazonaws.com/",
            secret: "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", token: nil,
            body: "Action=DeleteAccessKey&Version=2010-05-08&AccessKeyId=AKIAIOSFODNN7EXAMPLE",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=94dd459d3ee9de45b4d4006fb392aefdf3eb930759c58aac0d529bd060b6d4bc"),
        KnownRequest(
            operation: .getAccessKeyLastUsed(id: "AKIAIOSFODNN7EXAMPLE"),
            region: "us-east-1", url: "https://iam.amazonaws.com/",
            secret: "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", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=GetAccessKeyLastUsed&Version=2010-05-08&AccessKeyId=AKIAIOSFODNN7EXAMPLE",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=18ccc41f6319deb456a997266473ec23a1a1c4faaca401e6eef3d3d461733354"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/0", sessionName: "name0", seconds: 38_160); role.tags = [.init(key: "c", value: "ä漢_!)")]; role.transitiveTagKeys = ["c"]; role.serial = "arn:aws:iam::123456789012:mfa/some body"; return .assumeRole(role) }(),
            region: "us-gov-west-1", url: "https://sts.us-gov-west-1.amazonaws.com/",
            secret: "H9fHI3B/bJ1cEA3e2+7FBEHEBF6J/+11GaDHgE1H", token: nil,
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F0&RoleSessionName=name0&DurationSeconds=38160&Tags.member.1.Key=c&Tags.member.1.Value=%C3%A4%E6%BC%A2_%21%29&TransitiveTagKeys.member.1=c&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fsome%20body&TokenCode=287082",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-gov-west-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=b55da985e3497874ff1e98f6c26a742568e093a4d4dfaf96c214c987c6fa1b09"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/1", sessionName: "name1", seconds: 38_616); role.externalID = "🦀?b%c"; role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0"]; role.tags = [.init(key: "aX ", value: "~b#-YY-_!&=--@'")]; role.transitiveTagKeys = ["aX "]; role.sourceIdentity = "some.body"; return .assumeRole(role) }(),
            region: "us-east-1", url: "https://sts.us-east-1.amazonaws.com/",
            secret: "8ca405A40f+23Fg2FhHGH2Ba351642i6c48iD01J", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F1&RoleSessionName=name1&DurationSeconds=38616&ExternalId=%F0%9F%A6%80%3Fb%25c&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&Tags.member.1.Key=aX%20&Tags.member.1.Value=~b%23-YY-_%21%26%3D--%40%27&TransitiveTagKeys.member.1=aX%20&SourceIdentity=some.body",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=203fe96d931d15406aaec86b35cedca037bc0700fc34d9ef0e23b3ee5c6d3edb"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/2", sessionName: "name2", seconds: 11_818); role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0", "arn:aws:iam::aws:policy/1"]; role.tags = [.init(key: "~", value: "ä*ß*🦀)/&:.1:漢*:Y(")]; role.transitiveTagKeys = ["~"]; role.serial = "arn:aws:iam::123456789012:mfa/some body"; return .assumeRole(role) }(),
            region: "cn-north-1", url: "https://sts.cn-north-1.amazonaws.com.cn/",
            secret: "2bafc3C2i19F6BhfGbBHIfF1Ddba36ci084IE20d", token: nil,
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F2&RoleSessionName=name2&DurationSeconds=11818&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&PolicyArns.member.2.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F1&Tags.member.1.Key=~&Tags.member.1.Value=%C3%A4%2A%C3%9F%2A%F0%9F%A6%80%29%2F%26%3A.1%3A%E6%BC%A2%2A%3AY%28&TransitiveTagKeys.member.1=~&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fsome%20body&TokenCode=287082",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/cn-north-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=a8378429996637711782b34eb3b60a02049900ccf108f2c634f0d2044c418aca"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/3", sessionName: "name3", seconds: 42_181); role.externalID = "c)ß'%/Z%@:Y "; role.tags = [.init(key: "\"漢0äcß(0c漢/'漢_", value: "ä&c-*"), .init(key: "#🦀&ZaZ9@+)🦀Y/", value: "!X"), .init(key: "?", value: "~ß\":*=/ä@/''@b#"), .init(key: "漢", value: "\"b9:+/* X/c")]; role.transitiveTagKeys = ["\"漢0äcß(0c漢/'漢_", "#🦀&ZaZ9@+)🦀Y/"]; return .assumeRole(role) }(),
            region: "eu-central-1", url: "https://sts.eu-central-1.amazonaws.com/",
            secret: "DdE+7/I9+/G42H7HbaIAEf1Bdg3h1J2e75d7/7bi", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F3&RoleSessionName=name3&DurationSeconds=42181&ExternalId=c%29%C3%9F%27%25%2FZ%25%40%3AY%20&Tags.member.1.Key=%22%E6%BC%A20%C3%A4c%C3%9F%280c%E6%BC%A2%2F%27%E6%BC%A2_&Tags.member.1.Value=%C3%A4%26c-%2A&Tags.member.2.Key=%23%F0%9F%A6%80%26ZaZ9%40%2B%29%F0%9F%A6%80Y%2F&Tags.member.2.Value=%21X&Tags.member.3.Key=%3F&Tags.member.3.Value=~%C3%9F%22%3A%2A%3D%2F%C3%A4%40%2F%27%27%40b%23&Tags.member.4.Key=%E6%BC%A2&Tags.member.4.Value=%22b9%3A%2B%2F%2A%20X%2Fc&TransitiveTagKeys.member.1=%22%E6%BC%A20%C3%A4c%C3%9F%280c%E6%BC%A2%2F%27%E6%BC%A2_&TransitiveTagKeys.member.2=%23%F0%9F%A6%80%26ZaZ9%40%2B%29%F0%9F%A6%80Y%2F",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/eu-central-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=a8a96f224af4a065ff99f6681abd21d2da858b4b06095f1ab90cd03d7abf58be"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/4", sessionName: "name4", seconds: 33_576); role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0"]; role.tags = [.init(key: "b\"=)c", value: "c%9🦀@*)=.a9.!.?"), .init(key: "?:~+cä漢&?ß9?", value: "X🦀%Y%:?cä漢#~*#=~")]; role.transitiveTagKeys = ["b\"=)c", "?:~+cä漢&?ß9?"]; role.serial = "arn:aws:iam::123456789012:mfa/some body"; return .assumeRole(role) }(),
            region: "eu-central-1", url: "https://sts.eu-central-1.amazonaws.com/",
            secret: "+9I/7IJ37fAhAJ/J2Jb8hjbHF3HFchcd3FJfG10G", token: nil,
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F4&RoleSessionName=name4&DurationSeconds=33576&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&Tags.member.1.Key=b%22%3D%29c&Tags.member.1.Value=c%259%F0%9F%A6%80%40%2A%29%3D.a9.%21.%3F&Tags.member.2.Key=%3F%3A~%2Bc%C3%A4%E6%BC%A2%26%3F%C3%9F9%3F&Tags.member.2.Value=X%F0%9F%A6%80%25Y%25%3A%3Fc%C3%A4%E6%BC%A2%23~%2A%23%3D~&TransitiveTagKeys.member.1=b%22%3D%29c&TransitiveTagKeys.member.2=%3F%3A~%2Bc%C3%A4%E6%BC%A2%26%3F%C3%9F9%3F&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fsome%20body&TokenCode=287082",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/eu-central-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=221adfdfd48928c4737dc47281aa98b2b3a608dda3c5eb00901b7913368393e8"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/5", sessionName: "name5", seconds: 11_510); role.externalID = "Xc\"&Xä-~9.#/@& )1@~#ß?@~#"; role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0", "arn:aws:iam::aws:policy/1"]; role.tags = [.init(key: ")", value: ".)Z?'@@\"~a%.-_(c漢cä!"), .init(key: "0+漢 🦀\"%)+", value: "/#&_(0(")]; role.transitiveTagKeys = [")", "0+漢 🦀\"%)+"]; role.sourceIdentity = "some.body"; return .assumeRole(role) }(),
            region: "us-gov-west-1", url: "https://sts.us-gov-west-1.amazonaws.com/",
            secret: "GFe+e+07b28aA99aE7bJAIbeH/H6bbe385gh9G22", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F5&RoleSessionName=name5&DurationSeconds=11510&ExternalId=Xc%22%26X%C3%A4-~9.%23%2F%40%26%20%291%40~%23%C3%9F%3F%40~%23&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&PolicyArns.member.2.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F1&Tags.member.1.Key=%29&Tags.member.1.Value=.%29Z%3F%27%40%40%22~a%25.-_%28c%E6%BC%A2c%C3%A4%21&Tags.member.2.Key=0%2B%E6%BC%A2%20%F0%9F%A6%80%22%25%29%2B&Tags.member.2.Value=%2F%23%26_%280%28&TransitiveTagKeys.member.1=%29&TransitiveTagKeys.member.2=0%2B%E6%BC%A2%20%F0%9F%A6%80%22%25%29%2B&SourceIdentity=some.body",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-gov-west-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=394f2a8f10625102fbf29081d3bc983e302536655ceac2066da915af5cd53d66"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/6", sessionName: "name6", seconds: 10_467); role.tags = [.init(key: "ß+", value: "ßä/@@#\"\"Y?@ß)='=&%_?")]; role.transitiveTagKeys = ["ß+"]; role.serial = "arn:aws:iam::123456789012:mfa/some body"; return .assumeRole(role) }(),
            region: "us-east-1", url: "https://sts.us-east-1.amazonaws.com/",
            secret: "GAii5G88hHEI0f99b4c8jC7je4e72Gef9iEb+BdB", token: nil,
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F6&RoleSessionName=name6&DurationSeconds=10467&Tags.member.1.Key=%C3%9F%2B&Tags.member.1.Value=%C3%9F%C3%A4%2F%40%40%23%22%22Y%3F%40%C3%9F%29%3D%27%3D%26%25_%3F&TransitiveTagKeys.member.1=%C3%9F%2B&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fsome%20body&TokenCode=287082",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=bcba41c27252b55b529454fbcf809a42a4d4d17a8ec5935db805a051f67ff624"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/7", sessionName: "name7", seconds: 6_129); role.externalID = "#a(🦀@c#\"@🦀ß0ba:"; role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0"]; role.tags = [.init(key: "(0a~_b9& *+'Y&ß(~c?", value: "Y%+🦀ä*_.")]; role.transitiveTagKeys = ["(0a~_b9& *+'Y&ß(~c?"]; return .assumeRole(role) }(),
            region: "us-east-1", url: "https://sts.us-east-1.amazonaws.com/",
            secret: "FeFb96aa8I6e+Dj5j6g/bFBcB387bEC68A0G1BD4", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F7&RoleSessionName=name7&DurationSeconds=6129&ExternalId=%23a%28%F0%9F%A6%80%40c%23%22%40%F0%9F%A6%80%C3%9F0ba%3A&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&Tags.member.1.Key=%280a~_b9%26%20%2A%2B%27Y%26%C3%9F%28~c%3F&Tags.member.1.Value=Y%25%2B%F0%9F%A6%80%C3%A4%2A_.&TransitiveTagKeys.member.1=%280a~_b9%26%20%2A%2B%27Y%26%C3%9F%28~c%3F",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=e2ce93714fc18a600dfe21013f554ad9a03e599729b13c09b52801b613d2054d"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/8", sessionName: "name8", seconds: 19_579); role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0", "arn:aws:iam::aws:policy/1"]; role.serial = "arn:aws:iam::123456789012:mfa/some body"; return .assumeRole(role) }(),
            region: "eu-central-1", url: "https://sts.eu-central-1.amazonaws.com/",
            secret: "BIA8c7gcH9EeDg+6GbEAJB6BDBa1diDfa7H3/J+9", token: nil,
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F8&RoleSessionName=name8&DurationSeconds=19579&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&PolicyArns.member.2.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F1&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fsome%20body&TokenCode=287082",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/eu-central-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=ea03790ba8ae38b78dae9cf98a3cb5067186428d78ae7dcb2328b0faa506dce3"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/9", sessionName: "name9", seconds: 18_575); role.externalID = "+\".:9=Y漢#+ß)cbb:-"; role.tags = [.init(key: "漢Y=.", value: "'+Xac!!~_?b/%ä'-YZ!"), .init(key: "%_&ßc", value: "!🦀Z#X.Z"), .init(key: "?&0&#*(% Z\"(äc&YY~_~", value: "ä🦀ä9=Y# @cZ).=bY~@ Y")]; role.transitiveTagKeys = ["漢Y=.", "%_&ßc"]; role.sourceIdentity = "some.body"; return .assumeRole(role) }(),
            region: "us-east-1", url: "https://sts.us-east-1.amazonaws.com/",
            secret: "f331g23Hgd2/FE65AIH5898/cJDh/EE/H0cCJ9b/", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F9&RoleSessionName=name9&DurationSeconds=18575&ExternalId=%2B%22.%3A9%3DY%E6%BC%A2%23%2B%C3%9F%29cbb%3A-&Tags.member.1.Key=%E6%BC%A2Y%3D.&Tags.member.1.Value=%27%2BXac%21%21~_%3Fb%2F%25%C3%A4%27-YZ%21&Tags.member.2.Key=%25_%26%C3%9Fc&Tags.member.2.Value=%21%F0%9F%A6%80Z%23X.Z&Tags.member.3.Key=%3F%260%26%23%2A%28%25%20Z%22%28%C3%A4c%26YY~_~&Tags.member.3.Value=%C3%A4%F0%9F%A6%80%C3%A49%3DY%23%20%40cZ%29.%3DbY~%40%20Y&TransitiveTagKeys.member.1=%E6%BC%A2Y%3D.&TransitiveTagKeys.member.2=%25_%26%C3%9Fc&SourceIdentity=some.body",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=e99d315819c651ccaf93198dcf0e54a085b640983f4fcfd79b39bffa543b6690"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/10", sessionName: "name10", seconds: 37_364); role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0"]; role.tags = [.init(key: "\"'9", value: "c(9-/b%"), .init(key: "-9-:9 Xß()./\"漢ab", value: "🦀#Xäb-9Z漢 /"), .init(key: "~9\":=*🦀", value: "\"Z漢_ß!0-#Y'🦀(!1*&01")]; role.transitiveTagKeys = ["\"'9", "-9-:9 Xß()./\"漢ab"]; role.serial = "arn:aws:iam::123456789012:mfa/some body"; return .assumeRole(role) }(),
            region: "eu-central-1", url: "https://sts.eu-central-1.amazonaws.com/",
            secret: "f1GEg96eJEdf4hffHd1+c0GII8jeFC5fGAB2DB58", token: nil,
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F10&RoleSessionName=name10&DurationSeconds=37364&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&Tags.member.1.Key=%22%279&Tags.member.1.Value=c%289-%2Fb%25&Tags.member.2.Key=-9-%3A9%20X%C3%9F%28%29.%2F%22%E6%BC%A2ab&Tags.member.2.Value=%F0%9F%A6%80%23X%C3%A4b-9Z%E6%BC%A2%20%2F&Tags.member.3.Key=~9%22%3A%3D%2A%F0%9F%A6%80&Tags.member.3.Value=%22Z%E6%BC%A2_%C3%9F%210-%23Y%27%F0%9F%A6%80%28%211%2A%2601&TransitiveTagKeys.member.1=%22%279&TransitiveTagKeys.member.2=-9-%3A9%20X%C3%9F%28%29.%2F%22%E6%BC%A2ab&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fsome%20body&TokenCode=287082",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/eu-central-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=d8a7f780b30d1792f93917ca7b4057a85024c451141f2fe4fef1a32adbbd048f"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/11", sessionName: "name11", seconds: 26_901); role.externalID = "0X1%1cc\"~0*:a 1#🦀*'"; role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0", "arn:aws:iam::aws:policy/1"]; role.tags = [.init(key: "@-\"", value: "???.ßb"), .init(key: "'\"(", value: "\"")]; role.transitiveTagKeys = ["@-\"", "'\"("]; return .assumeRole(role) }(),
            region: "eu-central-1", url: "https://sts.eu-central-1.amazonaws.com/",
            secret: "Eh5Ej8bcj97EjB30FEE9eCH5beAd1+hc2/Hj30ic", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F11&RoleSessionName=name11&DurationSeconds=26901&ExternalId=0X1%251cc%22~0%2A%3Aa%201%23%F0%9F%A6%80%2A%27&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&PolicyArns.member.2.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F1&Tags.member.1.Key=%40-%22&Tags.member.1.Value=%3F%3F%3F.%C3%9Fb&Tags.member.2.Key=%27%22%28&Tags.member.2.Value=%22&TransitiveTagKeys.member.1=%40-%22&TransitiveTagKeys.member.2=%27%22%28",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/eu-central-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=2f3fd3e43384d7ef94dd6e2c99c056d94e1df991b8e11588f9dbea7c05352094"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/12", sessionName: "name12", seconds: 38_456); role.tags = [.init(key: "\".漢ßb~%@/", value: "*🦀X+Y#ßß%1🦀0%Y ~(~&ä"), .init(key: "~Z:b1#漢#Z~XY\"@ä-ßä)", value: ")*.漢9ßXß.'Zä"), .init(key: "=0\"漢äa:+c \"ß9a", value: ":-ßY(_")]; role.transitiveTagKeys = ["\".漢ßb~%@/", "~Z:b1#漢#Z~XY\"@ä-ßä)"]; role.serial = "arn:aws:iam::123456789012:mfa/some body"; return .assumeRole(role) }(),
            region: "eu-central-1", url: "https://sts.eu-central-1.amazonaws.com/",
            secret: "d7b9FecgFe2I7GH+Bac8D4FB+6/G4/DGiEJAaCc6", token: nil,
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F12&RoleSessionName=name12&DurationSeconds=38456&Tags.member.1.Key=%22.%E6%BC%A2%C3%9Fb~%25%40%2F&Tags.member.1.Value=%2A%F0%9F%A6%80X%2BY%23%C3%9F%C3%9F%251%F0%9F%A6%800%25Y%20~%28~%26%C3%A4&Tags.member.2.Key=~Z%3Ab1%23%E6%BC%A2%23Z~XY%22%40%C3%A4-%C3%9F%C3%A4%29&Tags.member.2.Value=%29%2A.%E6%BC%A29%C3%9FX%C3%9F.%27Z%C3%A4&Tags.member.3.Key=%3D0%22%E6%BC%A2%C3%A4a%3A%2Bc%20%22%C3%9F9a&Tags.member.3.Value=%3A-%C3%9FY%28_&TransitiveTagKeys.member.1=%22.%E6%BC%A2%C3%9Fb~%25%40%2F&TransitiveTagKeys.member.2=~Z%3Ab1%23%E6%BC%A2%23Z~XY%22%40%C3%A4-%C3%9F%C3%A4%29&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fsome%20body&TokenCode=287082",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/eu-central-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=befb442e638b31eae2b08422ef13843fbb7801099a59637ac34137cca15fe823"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/13", sessionName: "name13", seconds: 32_617); role.externalID = "ß@🦀.)&\"ß@Z"; role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0"]; role.tags = [.init(key: "@#", value: "/ä9&漢c/0@~Z019X?")]; role.transitiveTagKeys = ["@#"]; role.sourceIdentity = "some.body"; return .assumeRole(role) }(),
            region: "us-east-1", url: "https://sts.us-east-1.amazonaws.com/",
            secret: "G9e67a4IGhD0AeJ0G/cH1jBe3E86F13Gc4E2C09f", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F13&RoleSessionName=name13&DurationSeconds=32617&ExternalId=%C3%9F%40%F0%9F%A6%80.%29%26%22%C3%9F%40Z&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&Tags.member.1.Key=%40%23&Tags.member.1.Value=%2F%C3%A49%26%E6%BC%A2c%2F0%40~Z019X%3F&TransitiveTagKeys.member.1=%40%23&SourceIdentity=some.body",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=d8a5d32235914dd42eca56c994a89abdfb148e2553c89cefff3f77147da3c4b0"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/14", sessionName: "name14", seconds: 21_552); role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0", "arn:aws:iam::aws:policy/1"]; role.tags = [.init(key: "1 ", value: "9ßä0_b*! -+ßßba+0#1漢"), .init(key: "=🦀cß", value: "漢Y#Z\"&(=-@a1c🦀%1+ ")]; role.transitiveTagKeys = ["1 ", "=🦀cß"]; role.serial = "arn:aws:iam::123456789012:mfa/some body"; return .assumeRole(role) }(),
            region: "cn-north-1", url: "https://sts.cn-north-1.amazonaws.com.cn/",
            secret: "2i62a16IBGEc5GcIIB0aaJ41IFfD3b80HB39CD49", token: nil,
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F14&RoleSessionName=name14&DurationSeconds=21552&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&PolicyArns.member.2.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F1&Tags.member.1.Key=1%20&Tags.member.1.Value=9%C3%9F%C3%A40_b%2A%21%20-%2B%C3%9F%C3%9Fba%2B0%231%E6%BC%A2&Tags.member.2.Key=%3D%F0%9F%A6%80c%C3%9F&Tags.member.2.Value=%E6%BC%A2Y%23Z%22%26%28%3D-%40a1c%F0%9F%A6%80%251%2B%20&TransitiveTagKeys.member.1=1%20&TransitiveTagKeys.member.2=%3D%F0%9F%A6%80c%C3%9F&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fsome%20body&TokenCode=287082",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/cn-north-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=42c7f252fef8d091b9e394f8d26456ad81e367470c1afb3d7325bc0527bfd59e"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/15", sessionName: "name15", seconds: 38_871); role.externalID = "#*~=)-"; role.tags = [.init(key: "🦀!X漢🦀äZ/?9c+b:", value: "'@:"), .init(key: "10(c*=?🦀:9", value: "🦀1X&0"), .init(key: "_(*ßZ(_bZ!c)0-%_", value: "0)aä🦀/-(..'-Yäb🦀?9"), .init(key: "!.~.\"b+0(:ä", value: "??Z")]; role.transitiveTagKeys = ["🦀!X漢🦀äZ/?9c+b:", "10(c*=?🦀:9"]; return .assumeRole(role) }(),
            region: "us-east-1", url: "https://sts.us-east-1.amazonaws.com/",
            secret: "id+H31jJf7IhFEA2a92Bhjj632268hHiHEfbf08d", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F15&RoleSessionName=name15&DurationSeconds=38871&ExternalId=%23%2A~%3D%29-&Tags.member.1.Key=%F0%9F%A6%80%21X%E6%BC%A2%F0%9F%A6%80%C3%A4Z%2F%3F9c%2Bb%3A&Tags.member.1.Value=%27%40%3A&Tags.member.2.Key=10%28c%2A%3D%3F%F0%9F%A6%80%3A9&Tags.member.2.Value=%F0%9F%A6%801X%260&Tags.member.3.Key=_%28%2A%C3%9FZ%28_bZ%21c%290-%25_&Tags.member.3.Value=0%29a%C3%A4%F0%9F%A6%80%2F-%28..%27-Y%C3%A4b%F0%9F%A6%80%3F9&Tags.member.4.Key=%21.~.%22b%2B0%28%3A%C3%A4&Tags.member.4.Value=%3F%3FZ&TransitiveTagKeys.member.1=%F0%9F%A6%80%21X%E6%BC%A2%F0%9F%A6%80%C3%A4Z%2F%3F9c%2Bb%3A&TransitiveTagKeys.member.2=10%28c%2A%3D%3F%F0%9F%A6%80%3A9",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=3c5f11ffb2e4517ef5275e471235ba6a896e23cf58d9b39356930b7a097be95f"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/16", sessionName: "name16", seconds: 31_081); role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0"]; role.tags = [.init(key: "_🦀@'/ ~cß&_0Z=", value: "Y:%~"), .init(key: "%%-🦀~+9Y=_漢+\"", value: "~Z?🦀🦀&ß*Y-/&")]; role.transitiveTagKeys = ["_🦀@'/ ~cß&_0Z=", "%%-🦀~+9Y=_漢+\""]; role.serial = "arn:aws:iam::123456789012:mfa/some body"; return .assumeRole(role) }(),
            region: "us-east-1", url: "https://sts.us-east-1.amazonaws.com/",
            secret: "jJ9H/GHAiehjdhgD39A7HbDA+E1bc/7/I0iC9CFb", token: nil,
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F16&RoleSessionName=name16&DurationSeconds=31081&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&Tags.member.1.Key=_%F0%9F%A6%80%40%27%2F%20~c%C3%9F%26_0Z%3D&Tags.member.1.Value=Y%3A%25~&Tags.member.2.Key=%25%25-%F0%9F%A6%80~%2B9Y%3D_%E6%BC%A2%2B%22&Tags.member.2.Value=~Z%3F%F0%9F%A6%80%F0%9F%A6%80%26%C3%9F%2AY-%2F%26&TransitiveTagKeys.member.1=_%F0%9F%A6%80%40%27%2F%20~c%C3%9F%26_0Z%3D&TransitiveTagKeys.member.2=%25%25-%F0%9F%A6%80~%2B9Y%3D_%E6%BC%A2%2B%22&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fsome%20body&TokenCode=287082",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=f5cda4ba954e265840461deb4355941224b4fa9dc349e77475c0f02bca7ca469"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/17", sessionName: "name17", seconds: 40_087); role.externalID = "'a-?~@:'ä0"; role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0", "arn:aws:iam::aws:policy/1"]; role.tags = [.init(key: "c/.'0#1!=", value: "@&@?%"), .init(key: "ä&)bä-?\"9%", value: "ß+漢+#1b)@cYc X?=🦀~-\""), .init(key: "&ca+", value: "?)🦀@!漢a!(/"), .init(key: " ", value: "&)+*=:Yß9ß🦀ß&a!@0#'")]; role.transitiveTagKeys = ["c/.'0#1!=", "ä&)bä-?\"9%"]; role.sourceIdentity = "some.body"; return .assumeRole(role) }(),
            region: "us-gov-west-1", url: "https://sts.us-gov-west-1.amazonaws.com/",
            secret: "95J02+G47IDj+iE7c20J3FI4cj3IC2A1a/dfgD14", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F17&RoleSessionName=name17&DurationSeconds=40087&ExternalId=%27a-%3F~%40%3A%27%C3%A40&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&PolicyArns.member.2.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F1&Tags.member.1.Key=c%2F.%270%231%21%3D&Tags.member.1.Value=%40%26%40%3F%25&Tags.member.2.Key=%C3%A4%26%29b%C3%A4-%3F%229%25&Tags.member.2.Value=%C3%9F%2B%E6%BC%A2%2B%231b%29%40cYc%20X%3F%3D%F0%9F%A6%80~-%22&Tags.member.3.Key=%26ca%2B&Tags.member.3.Value=%3F%29%F0%9F%A6%80%40%21%E6%BC%A2a%21%28%2F&Tags.member.4.Key=%20&Tags.member.4.Value=%26%29%2B%2A%3D%3AY%C3%9F9%C3%9F%F0%9F%A6%80%C3%9F%26a%21%400%23%27&TransitiveTagKeys.member.1=c%2F.%270%231%21%3D&TransitiveTagKeys.member.2=%C3%A4%26%29b%C3%A4-%3F%229%25&SourceIdentity=some.body",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-gov-west-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=943c79ff183092628557fb14eb823f7d32fe35a36a97960f8134e1b70d474319"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/18", sessionName: "name18", seconds: 8_453); role.tags = [.init(key: "/ä🦀", value: "🦀/'#b/~&🦀XYZ?Y:"), .init(key: "X//@!&🦀ßc&*b🦀ä(b=", value: "(?:"), .init(key: "#&#", value: "ß:~=_?Z(@_@?(")]; role.transitiveTagKeys = ["/ä🦀", "X//@!&🦀ßc&*b🦀ä(b="]; role.serial = "arn:aws:iam::123456789012:mfa/some body"; return .assumeRole(role) }(),
            region: "eu-central-1", url: "https://sts.eu-central-1.amazonaws.com/",
            secret: "45afF7a/+44acG6g8ja3I75fEFCj3HHc34057j3d", token: nil,
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F18&RoleSessionName=name18&DurationSeconds=8453&Tags.member.1.Key=%2F%C3%A4%F0%9F%A6%80&Tags.member.1.Value=%F0%9F%A6%80%2F%27%23b%2F~%26%F0%9F%A6%80XYZ%3FY%3A&Tags.member.2.Key=X%2F%2F%40%21%26%F0%9F%A6%80%C3%9Fc%26%2Ab%F0%9F%A6%80%C3%A4%28b%3D&Tags.member.2.Value=%28%3F%3A&Tags.member.3.Key=%23%26%23&Tags.member.3.Value=%C3%9F%3A~%3D_%3FZ%28%40_%40%3F%28&TransitiveTagKeys.member.1=%2F%C3%A4%F0%9F%A6%80&TransitiveTagKeys.member.2=X%2F%2F%40%21%26%F0%9F%A6%80%C3%9Fc%26%2Ab%F0%9F%A6%80%C3%A4%28b%3D&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fsome%20body&TokenCode=287082",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/eu-central-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=851832a76fb51d84b53a39a91e4f0eac575d2c200755604504bc92db0e247f66"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/19", sessionName: "name19", seconds: 39_486); role.externalID = "Z'0&\"Y ßZ&?&X0ß.ab9b#//(\""; role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0"]; role.tags = [.init(key: "=//🦀*\"ß.-!~~~ä/ä'/c🦀", value: "bX@.Y(\".\"ä🦀\"ßäß🦀Z")]; role.transitiveTagKeys = ["=//🦀*\"ß.-!~~~ä/ä'/c🦀"]; return .assumeRole(role) }(),
            region: "cn-north-1", url: "https://sts.cn-north-1.amazonaws.com.cn/",
            secret: "6dgic2+Jd+0ca3EgaC906bcHg+IiDhjEd+eID44/", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F19&RoleSessionName=name19&DurationSeconds=39486&ExternalId=Z%270%26%22Y%20%C3%9FZ%26%3F%26X0%C3%9F.ab9b%23%2F%2F%28%22&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&Tags.member.1.Key=%3D%2F%2F%F0%9F%A6%80%2A%22%C3%9F.-%21~~~%C3%A4%2F%C3%A4%27%2Fc%F0%9F%A6%80&Tags.member.1.Value=bX%40.Y%28%22.%22%C3%A4%F0%9F%A6%80%22%C3%9F%C3%A4%C3%9F%F0%9F%A6%80Z&TransitiveTagKeys.member.1=%3D%2F%2F%F0%9F%A6%80%2A%22%C3%9F.-%21~~~%C3%A4%2F%C3%A4%27%2Fc%F0%9F%A6%80",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/cn-north-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=b3daae5567b83182c17bebb543d147a9bd0f89f42e1030c6fdddf81f6e15d8f6"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/20", sessionName: "name20", seconds: 42_605); role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0", "arn:aws:iam::aws:policy/1"]; role.serial = "arn:aws:iam::123456789012:mfa/some body"; return .assumeRole(role) }(),
            region: "us-east-1", url: "https://sts.us-east-1.amazonaws.com/",
            secret: "18Bj5D8e2dBfEbE5cBej95Fbie95aFI3Af+C4EJA", token: nil,
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F20&RoleSessionName=name20&DurationSeconds=42605&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&PolicyArns.member.2.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F1&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fsome%20body&TokenCode=287082",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=aee07bd1367ca55f127e6d3ef2f675c352c3dd95d158b6afa961179eee26c7cb"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/21", sessionName: "name21", seconds: 26_194); role.externalID = "?.1\"Xäää0漢~X0"; role.tags = [.init(key: "%:ä", value: "((*ä\"/)__ @b🦀)b#.@c"), .init(key: "ß~漢:'~_9 _", value: "(&9🦀1&%Z")]; role.transitiveTagKeys = ["%:ä", "ß~漢:'~_9 _"]; role.sourceIdentity = "some.body"; return .assumeRole(role) }(),
            region: "us-east-1", url: "https://sts.us-east-1.amazonaws.com/",
            secret: "fACBDA0h/7d3AAEEhEg9Eicfj75Id8EgijEEE0i1", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F21&RoleSessionName=name21&DurationSeconds=26194&ExternalId=%3F.1%22X%C3%A4%C3%A4%C3%A40%E6%BC%A2~X0&Tags.member.1.Key=%25%3A%C3%A4&Tags.member.1.Value=%28%28%2A%C3%A4%22%2F%29__%20%40b%F0%9F%A6%80%29b%23.%40c&Tags.member.2.Key=%C3%9F~%E6%BC%A2%3A%27~_9%20_&Tags.member.2.Value=%28%269%F0%9F%A6%801%26%25Z&TransitiveTagKeys.member.1=%25%3A%C3%A4&TransitiveTagKeys.member.2=%C3%9F~%E6%BC%A2%3A%27~_9%20_&SourceIdentity=some.body",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=2757d2f5728b1a258cd7d27aff5ea9e43b02235cc41b10312aff58d53e0b6f77"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/22", sessionName: "name22", seconds: 2_113); role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0"]; role.tags = [.init(key: "% ", value: "_X!Z"), .init(key: "b.%=~?:", value: "!0? =!b "), .init(key: "ä)@Z*", value: "/9-:0( @Y")]; role.transitiveTagKeys = ["% ", "b.%=~?:"]; role.serial = "arn:aws:iam::123456789012:mfa/some body"; return .assumeRole(role) }(),
            region: "cn-north-1", url: "https://sts.cn-north-1.amazonaws.com.cn/",
            secret: "g63/0a31d06HB7Dc1d9hb+99JJ6E8gf70Acc+CJI", token: nil,
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F22&RoleSessionName=name22&DurationSeconds=2113&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&Tags.member.1.Key=%25%20&Tags.member.1.Value=_X%21Z&Tags.member.2.Key=b.%25%3D~%3F%3A&Tags.member.2.Value=%210%3F%20%3D%21b%20&Tags.member.3.Key=%C3%A4%29%40Z%2A&Tags.member.3.Value=%2F9-%3A0%28%20%40Y&TransitiveTagKeys.member.1=%25%20&TransitiveTagKeys.member.2=b.%25%3D~%3F%3A&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fsome%20body&TokenCode=287082",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/cn-north-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=7b7348a8c5313f46fdb3cf3dbf29ac438032a689eb40b4e0882fce253bdb885e"),
        KnownRequest(
            operation: { var role = AWSOperation.RoleRequest(roleARN: "arn:aws:iam::123456789012:role/path/23", sessionName: "name23", seconds: 41_127); role.externalID = "&0!(_*Z?: **?)'~漢+~)~漢9#"; role.policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"; role.policyARNs = ["arn:aws:iam::aws:policy/0", "arn:aws:iam::aws:policy/1"]; role.tags = [.init(key: "'ß&0ä 漢/a/!:ß", value: "_XY+ "), .init(key: "ß&1*+Z🦀ä0ß%YX#/ä", value: "?漢🦀%-Z1b🦀:)."), .init(key: "&~🦀c00&äY!", value: "?=Y- :. "), .init(key: "!ä%", value: "&.~aY")]; role.transitiveTagKeys = ["'ß&0ä 漢/a/!:ß", "ß&1*+Z🦀ä0ß%YX#/ä"]; return .assumeRole(role) }(),
            region: "us-gov-west-1", url: "https://sts.us-gov-west-1.amazonaws.com/",
            secret: "eBiGaj8ja9C5f/40H2iF+F1a8i7i3CEibeb92853", token: "FwoGZXIvYXdzEXAMPLE//+token==",
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2F23&RoleSessionName=name23&DurationSeconds=41127&ExternalId=%260%21%28_%2AZ%3F%3A%20%2A%2A%3F%29%27~%E6%BC%A2%2B~%29~%E6%BC%A29%23&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F0&PolicyArns.member.2.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F1&Tags.member.1.Key=%27%C3%9F%260%C3%A4%20%E6%BC%A2%2Fa%2F%21%3A%C3%9F&Tags.member.1.Value=_XY%2B%20&Tags.member.2.Key=%C3%9F%261%2A%2BZ%F0%9F%A6%80%C3%A40%C3%9F%25YX%23%2F%C3%A4&Tags.member.2.Value=%3F%E6%BC%A2%F0%9F%A6%80%25-Z1b%F0%9F%A6%80%3A%29.&Tags.member.3.Key=%26~%F0%9F%A6%80c00%26%C3%A4Y%21&Tags.member.3.Value=%3F%3DY-%20%3A.%20&Tags.member.4.Key=%21%C3%A4%25&Tags.member.4.Value=%26.~aY&TransitiveTagKeys.member.1=%27%C3%9F%260%C3%A4%20%E6%BC%A2%2Fa%2F%21%3A%C3%9F&TransitiveTagKeys.member.2=%C3%9F%261%2A%2BZ%F0%9F%A6%80%C3%A40%C3%9F%25YX%23%2F%C3%A4",
            authorization: "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261124/us-gov-west-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=c9ae649a659589659cb48a495d2287494d6764290c55e43962dded078839340b")
    ]
}
