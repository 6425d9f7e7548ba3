import CredentialVault
import Testing

struct DerivationCostTests {
    @Test(
        "a cost within the format's bounds is one",
        arguments: [(65_536, 3), (65_536, 16), (2_097_152, 3), (2_097_152, 8), (1_048_576, 16)]
            as [(UInt32, UInt32)])
    func within(memory: UInt32, passes: UInt32) throws {
        let cost = try #require(DerivationCost(memory: memory, passes: passes))
        #expect(cost.memory == memory && cost.passes == passes)
    }

    @Test(
        "a cost outside of them is none, nor is one that no file may ask for in all",
        arguments: [
            (65_535, 3), (65_536, 2), (65_536, 17), (2_097_153, 3), (2_097_152, 9), (0, 0),
            (.max, .max),
        ] as [(UInt32, UInt32)])
    func outside(memory: UInt32, passes: UInt32) {
        #expect(DerivationCost(memory: memory, passes: passes) == nil)
    }

    @Test("the cheapest cost is the lower bound, and a calibrated one is within the bounds")
    func known() throws {
        #expect(DerivationCost.cheapest == DerivationCost(memory: 64 << 10, passes: 3))
        let cost = try DerivationCost.calibrated()
        #expect(DerivationCost(memory: cost.memory, passes: cost.passes) == cost)
        #expect(cost.memory <= 512 << 10)
    }
}
