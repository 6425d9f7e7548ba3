// Written by Tests/Oracles/signing-suite.py from AWS's signing test suite (Apache-2.0).

extension SigningCase {
    static let all: [SigningCase] = [
        SigningCase(
            "get-header-key-duplicate", [.normalized], token: nil,
            request: #"""
                GET / HTTP/1.1
                Host:example.amazonaws.com
                My-Header1:value2
                My-Header1:value2
                My-Header1:value1

                """#,
            canonical: #"""
                GET
                /

                host:example.amazonaws.com
                my-header1:value2,value2,value1
                x-amz-date:20150830T123600Z

                host;my-header1;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """#,
            signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
        SigningCase(
            "get-header-value-multiline", [.normalized], token: nil,
            request: #"""
                GET / HTTP/1.1
                Host:example.amazonaws.com
                My-Header1:value1
                  value2
                     value3

                """#,
            canonical: #"""
                GET
                /

                host:example.amazonaws.com
                my-header1:value1 value2 value3
                x-amz-date:20150830T123600Z

                host;my-header1;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """#,
            signature: "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd"),
        SigningCase(
            "get-header-value-trim", [.normalized], token: nil,
            request: #"""
                GET / HTTP/1.1
                Host:example.amazonaws.com
                My-Header1: value1
                My-Header2: "a   b   c"

                """#,
            canonical: #"""
                GET
                /

                host:example.amazonaws.com
                my-header1:value1
                my-header2:"a b c"
                x-amz-date:20150830T123600Z

                host;my-header1;my-header2;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """#,
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        SigningCase(
            "get-relative-normalized", [.normalized], token: nil,
            request: #"""
                GET /example/.. HTTP/1.1
                Host:example.amazonaws.com

                """#,
            canonical: #"""
                GET
                /

                host:example.amazonaws.com
                x-amz-date:20150830T123600Z

                host;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """#,
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        SigningCase(
            "get-relative-relative-normalized", [.normalized], token: nil,
            request: #"""
                GET /example1/example2/../.. HTTP/1.1
                Host:example.amazonaws.com

                """#,
            canonical: #"""
                GET
                /

                host:example.amazonaws.com
                x-amz-date:20150830T123600Z

                host;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """#,
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        SigningCase(
            "get-slash-dot-slash-normalized", [.normalized], token: nil,
            request: #"""
                GET /./ HTTP/1.1
                Host:example.amazonaws.com

                """#,
            canonical: #"""
                GET
                /

                host:example.amazonaws.com
                x-amz-date:20150830T123600Z

                host;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """#,
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        SigningCase(
            "get-slashes-normalized", [.normalized], token: nil,
            request: #"""
                GET //example// HTTP/1.1
                Host:example.amazonaws.com

                """#,
            canonical: #"""
                GET
                /example/

                host:example.amazonaws.com
                x-amz-date:20150830T123600Z

                host;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """#,
            signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
        SigningCase(
            "get-slashes-unnormalized", [], token: nil,
            request: #"""
                GET //example// HTTP/1.1
                Host:example.amazonaws.com

                """#,
            canonical: #"""
                GET
                //example//

                host:example.amazonaws.com
                x-amz-date:20150830T123600Z

                host;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """#,
            signature: "87cca117541a147f6df867677d98a7d80dff226d2bfca9e4ffa899665623c7e5"),
        SigningCase(
            "get-space-normalized", [.normalized], token: nil,
            request: #"""
                GET /example space/ HTTP/1.1
                Host:example.amazonaws.com

                """#,
            canonical: #"""
                GET
                /example%20space/

                host:example.amazonaws.com
                x-amz-date:20150830T123600Z

                host;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """#,
            signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
        SigningCase(
            "get-utf8", [.normalized], token: nil,
            request: #"""
                GET /ሴ HTTP/1.1
                Host:example.amazonaws.com

                """#,
            canonical: #"""
                GET
                /%E1%88%B4

                host:example.amazonaws.com
                x-amz-date:20150830T123600Z

                host;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """#,
            signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        SigningCase(
            "get-vanilla-empty-query-key", [.normalized], token: nil,
            request: #"""
                GET /?Param1=value1 HTTP/1.1
                Host:example.amazonaws.com

                """#,
            canonical: #"""
                GET
                /
                Param1=value1
                host:example.amazonaws.com
                x-amz-date:20150830T123600Z

                host;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """#,
            signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
        SigningCase(
            "get-vanilla-query-order-encoded", [.normalized], token: nil,
            request: #"""
                GET /?Param-3=Value3&Param=Value2&%E1%88%B4=Value1 HTTP/1.1
                Host:example.amazonaws.com

                """#,
            canonical: #"""
                GET
                /
                %E1%88%B4=Value1&Param=Value2&Param-3=Value3
                host:example.amazonaws.com
                x-amz-date:20150830T123600Z

                host;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """#,
            signature: "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"),
        SigningCase(
            "get-vanilla-query-order-key-case", [.normalized], token: nil,
            request: #"""
                GET /?Param2=value2&Param1=value1 HTTP/1.1
                Host:example.amazonaws.com

                """#,
            canonical: #"""
                GET
                /
                Param1=value1&Param2=value2
                host:example.amazonaws.com
                x-amz-date:20150830T123600Z

                host;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """#,
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        SigningCase(
            "get-vanilla-with-session-token", [.normalized],
            token: "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
            request: #"""
                GET / HTTP/1.1
                Host:example.amazonaws.com

                """#,
            canonical: #"""
                GET
                /

                host:example.amazonaws.com
                x-amz-date:20150830T123600Z
                x-amz-security-token:6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267

                host;x-amz-date;x-amz-security-token
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """#,
            signature: "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"),
        SigningCase(
            "post-x-www-form-urlencoded", [.normalized, .signsBody], token: nil,
            request: #"""
                POST / HTTP/1.1
                Content-Type:application/x-www-form-urlencoded
                Host:example.amazonaws.com
                Content-Length:13

                Param1=value1
                """#,
            canonical: #"""
                POST
                /

                content-length:13
                content-type:application/x-www-form-urlencoded
                host:example.amazonaws.com
                x-amz-content-sha256:9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e
                x-amz-date:20150830T123600Z

                content-length;content-type;host;x-amz-content-sha256;x-amz-date
                9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e
                """#,
            signature: "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"),
    ]
}
