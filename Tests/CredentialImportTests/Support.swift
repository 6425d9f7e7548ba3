import CredentialImport
import SecureMemory
import TestSupport
import Testing

let exampleID = "AKIAIOSFODNN7EXAMPLE"
let exampleSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
let otherID = "AKIAI44QH8DHBEXAMPLE"
let otherSecret = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"
/// A published id of temporary credentials whose account is known.
let temporaryID = "ASIAQNZGKIQY56JQ7WML"

/// A time at which nothing in these tests has expired: 2020-01-01.
let testTime: Int64 = 1_577_836_800

func parse(
    _ bytes: [UInt8], fileName: String? = nil, now: Int64 = testTime, shortSecrets: Bool = true
) throws -> ImportDocument {
    try ImportDocument.parse(
        secret(bytes), fileName: fileName, now: now, acceptsShortSecrets: shortSecrets)
}

func parse(
    _ text: String, fileName: String? = nil, now: Int64 = testTime, shortSecrets: Bool = true
) throws -> ImportDocument {
    try parse([UInt8](text.utf8), fileName: fileName, now: now, shortSecrets: shortSecrets)
}

/// The error that `text` is refused with; nil when it is accepted.
func refusal(of text: String, fileName: String? = nil) throws -> ImportError? {
    do {
        _ = try parse(text, fileName: fileName)
        return nil
    } catch let error as ImportError {
        return error
    }
}

extension ImportDocument {
    /// A secret as text, which only a test with made-up secrets may have.
    borrowing func text(_ range: Range<Int>?) -> String? {
        guard let range else { return nil }
        return withSecret(range) { String(decoding: [UInt8]($0), as: UTF8.self) }
    }

    /// The id and the secret of every key.
    var pairs: [String] {
        borrowing get {
            var pairs: [String] = []
            for key in keys { pairs.append("\(key.accessKeyID):\(text(key.secretAccessKey) ?? "")") }
            return pairs
        }
    }

    /// The one problem of a document without keys.
    borrowing func onlyProblem() throws -> ImportProblem {
        try #require(keys.isEmpty && problems.count == 1)
        return problems[0]
    }
}
