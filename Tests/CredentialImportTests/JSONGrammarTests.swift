import Testing

@testable import CredentialImport

@Suite("The grammar of JSON")
struct JSONGrammarTests {
    @Test(
        "an object is one, however it is written",
        arguments: [
            "{}", " {\r\n\t} \n", #"{"a":1}"#,
            #"{"a":[],"b":[1,-2.5e+3,true,false,null,"",{}],"c":{"d":{}}}"#,
            #"{"\u0061\n\"\\":"é😀"}"#,
            #"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}"#,
        ])
    func accepted(text: String) {
        #expect(throws: Never.self) { try JSONGrammar.requireObject(text) }
    }

    @Test(
        "what is none is refused",
        arguments: [
            "", " ", "[]", "1", #""a""#, "{", "}", "{}}", "{} {}", "{}x", "{a:1}", "{'a':1}", #"{"a"}"#,
            #"{"a":}"#, #"{"a" 1}"#, #"{"a":1,}"#, #"{,"a":1}"#, #"{"a":1 "b":2}"#, #"{"a":[1,]}"#,
            #"{"a":[1}"#,
            #"{"a":tru}"#, #"{"a":01}"#, #"{"a":1.}"#, #"{"a":"\x"}"#, #"{"a":"\ud800"}"#, "{\"a\":\"\n\"}",
            #"{"a":"b}"#, #"{"a":// b"#, "\u{FEFF}{}", "{\u{A0}}",
        ])
    func refused(text: String) {
        #expect(throws: ImportError.self) { try JSONGrammar.requireObject(text) }
    }

    @Test("a fault is told with its line, and depth is bounded")
    func fault() {
        #expect(throws: ImportError.malformedJSON(line: 3, reason: "':' is missing")) {
            try JSONGrammar.requireObject("{\n\n\"a\" 1}")
        }
        let deep = #"{"a":"# + String(repeating: "[", count: 15) + String(repeating: "]", count: 15) + "}"
        #expect(throws: Never.self) { try JSONGrammar.requireObject(deep) }
        let deeper = String(repeating: #"{"a":"#, count: 100_000)
        #expect(throws: ImportError.self) { try JSONGrammar.requireObject(deeper) }
    }
}
