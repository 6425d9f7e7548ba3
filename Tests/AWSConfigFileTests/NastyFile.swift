import AWSConfigGrammar
import TestSupport

extension SeededRandom {
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func pick(_ choices: [String]) -> String {
        choices[Int.random(in: 0..<choices.count, using: &self)]
    }
}

/// Configuration files as people, editors and accidents leave them.
struct NastyFile {
    let bytes: [UInt8]

    private static let headers = [
        "[default]", "[profile target]", "[profile target]", "[profile other]", "[profile \"a b\"]",
        "[sso-session s]",
        "[services x]", "[plugins]", "[profile third] # why", "  [profile indented]", "[DEFAULT]",
    ]
    private static let rareHeaders = [
        "[ profile target ]", "[profile target] # [x]", "[broken", "[]", "[profile 'x]",
    ]
    private static let plainSettings = [
        "cli_pager =", "max_attempts=3", "retry_mode: standard", "REGION = eu-west-3", "region = us-east-1",
        "output=text", "credential_process = /opt/other tool", "x = y # no comment",
        "ca_bundle = /tmp/ä.pem",
        "long = \(String(repeating: "v", count: 300))", "weird:key = a=b", "region =",
        "duration_seconds = 900",
    ]
    private static let rareSettings = [
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE", "role_arn = arn:aws:iam::1:role/x", "garbage",
        "= nothing",
        "nul = a\0b", "\u{a0}nbsp = 1", "\u{b}vt = 2", "esc = \u{1b}[31m",
    ]

    init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let lineEnds = [["\n"], ["\r\n"], ["\r"], ["\n", "\r\n", "\r"]][Int.random(in: 0..<4, using: &random)]
        let isRough = random.chance(30)
        var text: [UInt8] = random.chance(5) ? [0xEF, 0xBB, 0xBF] : []
        var last = 0
        func add(_ line: String, _ random: inout SeededRandom) {
            text += Array(line.utf8)
            if isRough, random.chance(1) { text.append(0xFF) }
            last = text.count
            text += Array(random.pick(lineEnds).utf8)
        }
        for _ in 0..<Int.random(in: 0..<7, using: &random) {
            add(random.pick(isRough && random.chance(20) ? Self.rareHeaders : Self.headers), &random)
            let indent = random.pick(["", "", "", "  ", "\t", "    "])
            for _ in 0..<Int.random(in: 0..<5, using: &random) {
                let deeper = random.chance(5) ? indent + "  " : indent
                add(
                    deeper
                        + random.pick(isRough && random.chance(15) ? Self.rareSettings : Self.plainSettings),
                    &random)
                if random.chance(15) {
                    add("\(indent)s3\(Int.random(in: 0..<100, using: &random)) =", &random)
                    for _ in 0..<Int.random(in: 0..<3, using: &random) {
                        add(
                            indent
                                + random.pick(["  a = b", "    region = c", "\tuse_dualstack_endpoint=true"]),
                            &random)
                    }
                }
                if random.chance(10) { add(random.pick(["# note = 1", "  ; indented", "#"]), &random) }
                if random.chance(10) { add(random.pick(["", "   ", "\t"]), &random) }
            }
            if random.chance(60) { add("", &random) }
        }
        if random.chance(40) { text.removeSubrange(last...) }
        bytes = text
    }
}
