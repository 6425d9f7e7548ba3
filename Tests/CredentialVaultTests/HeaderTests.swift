import TestSupport
import Testing
import VaultCrypto

@testable import CredentialVault

/// A header that breaks one rule, with the rule as its name.
struct BrokenHeader: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]

    init(_ name: String, _ change: (inout [UInt8]) -> Void) {
        testDescription = name
        var bytes = Self.right
        change(&bytes)
        self.bytes = bytes
    }

    /// A passphrase's slot, a recovery code's, and one of a kind to come.
    static let right: [UInt8] = {
        var header = VaultHeader()
        header.generation = 1
        header.bodyCount = 16 << 10 + 16
        header.setSlot(0, .fresh(type: 1, cost: .cheapest, time: 1_700_000_000))
        header.setSlot(1, .fresh(type: 2, cost: nil, time: 1_700_000_000))
        header.setSlot(2, .fresh(type: 4, cost: nil, time: 1_700_000_000))
        return header.bytes
    }()

    static func cost(_ name: String, _ slots: [Int], _ memory: UInt32, _ passes: UInt32) -> BrokenHeader {
        BrokenHeader(name) { bytes in
            let cost = PasswordHash.Cost(memory: memory, passes: passes)
            for index in slots {
                let type: UInt16 = index == 2 ? 4 : 1
                bytes.replaceSubrange(
                    range(ofSlot: index), with: KeySlot.fresh(type: type, cost: cost, time: 1).bytes)
            }
        }
    }
}

@Suite("Headers")
struct HeaderTests {
    static let damaged: [BrokenHeader] = [
        BrokenHeader("a magic changed by a transfer as text") { $0[5...6] = [0x0A, 0x0A] },
        BrokenHeader("generation 0") { $0.setLittleEndian(UInt64(0), at: 32) },
        BrokenHeader("the first reserved byte") { $0[72] = 1 },
        BrokenHeader("the last reserved byte") { $0[127] = 1 },
        BrokenHeader("no body") { $0.setLittleEndian(UInt32(0), at: 40) },
        BrokenHeader("a body of a tag alone") { $0.setLittleEndian(UInt32(16), at: 40) },
        BrokenHeader("a body of no size class") { $0.setLittleEndian(UInt32(24 << 10 + 16), at: 40) },
        BrokenHeader("a body without its tag") { $0.setLittleEndian(UInt32(16 << 10), at: 40) },
        BrokenHeader("a body that fits no file") { $0.setLittleEndian(UInt32(4 << 20 + 16), at: 40) },
        BrokenHeader("a body of 4 GiB") { $0.setLittleEndian(UInt32.max, at: 40) },
        BrokenHeader("a byte in an empty slot") { $0[range(ofSlot: 7).upperBound - 1] = 1 },
        BrokenHeader("a slot without a type") { $0[128] = 0 },
        BrokenHeader("a slot's reserved byte") { $0[130] = 1 },
        BrokenHeader("an unknown slot's reserved byte") { $0[range(ofSlot: 2).lowerBound + 3] = 1 },
        BrokenHeader("a passphrase's parameter") { $0[128 + 108] = 1 },
        BrokenHeader("a recovery code's parameter") { $0[range(ofSlot: 1).upperBound - 1] = 1 },
        BrokenHeader("a recovery code's memory") { $0[range(ofSlot: 1).lowerBound + 22] = 1 },
        BrokenHeader("a recovery code's passes") { $0[range(ofSlot: 1).lowerBound + 24] = 3 },
        BrokenHeader("a slot of before 1970") { $0.setLittleEndian(Int64(-1), at: 228) },
        BrokenHeader("a slot of after 9999") { $0.setLittleEndian(Int64(253_402_300_800), at: 228) },
    ]

    static let unsupported: [BrokenHeader] = [
        BrokenHeader("major 2") { $0[8] = 2 }, BrokenHeader("major 0") { $0[8] = 0 },
        BrokenHeader("major 257") { $0[9] = 1 }, BrokenHeader("the first flag") { $0[12] = 1 },
        BrokenHeader("the last flag") { $0[15] = 0x80 },
    ]

    static let costly: [BrokenHeader] = [
        .cost("too little memory", [0], 64 << 10 - 1, 3), .cost("too much", [0], 2 << 20 + 1, 3),
        .cost("as much as there is", [0], .max, .max), .cost("too few passes", [0], 64 << 10, 2),
        .cost("too many", [0], 64 << 10, 17), .cost("no cost", [0], 0, 0),
        .cost("all of it beyond the last slot", [7], .max, 3), .cost("an unknown slot's cost", [2], 1, 1),
        .cost("one slot beyond the sum", [0], 2 << 20, 9),
        .cost("three slots beyond it", [0, 3, 4], 2 << 20, 3),
        .cost("eight slots just beyond it", [0, 1, 2, 3, 4, 5, 6, 7], 2 << 18 + 1, 4),
    ]

    @Test("a header that breaks a rule is damaged", arguments: damaged)
    func breaksRule(header: BrokenHeader) { #expect(isDamaged(refusal(header))) }

    @Test("a header of a format to come is not called damage", arguments: unsupported)
    func isToCome(header: BrokenHeader) {
        guard case .unsupported = refusal(header) else {
            Issue.record("\(String(describing: refusal(header)))")
            return
        }
    }

    @Test("a header that asks for too much work is refused for it", arguments: costly)
    func asksTooMuch(header: BrokenHeader) {
        guard case .cost = refusal(header) else {
            Issue.record("\(String(describing: refusal(header)))")
            return
        }
    }

    @Test(
        "a file with such a header is refused within 10 ms, before its checksum is looked at",
        arguments: [
            BrokenHeader("a body of 4 GiB") { $0.setLittleEndian(UInt32.max, at: 40) },
            .cost("as much as there is", [0], .max, .max),
            .cost("all slots in bounds, but not together", [0, 1, 2, 3, 4, 5, 6, 7], 2 << 20, 3),
        ])
    func quick(header: BrokenHeader) throws {
        let scratch = Scratch()
        try scratch.write(header.bytes + [UInt8](repeating: 0, count: 4 << 20 - 8192))
        var times: [Duration] = []
        for _ in 0..<5 {
            let time = ContinuousClock().measure {
                #expect(reason { _ = try SealedVault.read(scratch.location) } == refusal(header))
            }
            times.append(time)
        }
        // The fastest of them: others are at work on the machine.
        #expect(try #require(times.min()) < .milliseconds(10))
    }

    @Test("a header at the edge of the rules is accepted, with what is unknown in it")
    func accepted() throws {
        let edges: [BrokenHeader] = [
            BrokenHeader("as it is") { _ in }, BrokenHeader("minor") { $0[10...11] = [255, 255] },
            BrokenHeader("parameters") { $0[range(ofSlot: 2).upperBound - 1] = 1 },
            BrokenHeader("epoch") { $0.setLittleEndian(UInt32.max, at: 44) },
            BrokenHeader("body") { $0.setLittleEndian(UInt32(15 << 18 + 16), at: 40) },
            BrokenHeader("time") { $0.setLittleEndian(Int64(253_402_300_799), at: 228) },
            .cost("sum", [0, 1, 2, 3, 4, 5, 6, 7], 2 << 18, 4), .cost("memory", [0], 2 << 20, 8),
            .cost("passes", [0], 64 << 10, 16),
        ]
        for edge in edges { #expect(try VaultHeader(parsing: edge.bytes).bytes == edge.bytes, "\(edge)") }
    }

    private func refusal(_ header: BrokenHeader) -> VaultError.Reason? {
        reason { _ = try VaultHeader(parsing: header.bytes) }
    }
}
