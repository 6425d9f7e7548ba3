import FuzzTargets
import Testing

@Suite("every input of the fuzzing corpus keeps the properties")
struct CorpusTests {
    @Test("of its target", arguments: FuzzTarget.allCases)
    func replay(target: FuzzTarget) throws {
        let inputs = try Corpus.inputs(for: target)
        try #require(inputs.count >= 5, "the corpus of \(target.rawValue) is missing")
        for (name, input) in inputs {
            #expect(throws: Never.self, "\(target.rawValue)/\(name)") { try target.check(input) }
        }
    }
}
