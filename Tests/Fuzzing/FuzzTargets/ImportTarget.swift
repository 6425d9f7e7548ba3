import AWSValues
import AgentProtocol
import CredentialImport
import SecureMemory
import TestSupport

/// Every key that is found keeps the rules of a key, and is found again in the JSON and the table that are
/// written of it.
func checkImport(_ input: [UInt8], fileName: String?) throws {
    let document: ImportDocument
    do throws(ImportError) {
        document = try ImportDocument.parse(copy(input), fileName: fileName, now: 0)
    } catch {
        for text in [error.description, error.hint].compactMap({ $0 }) {
            try require(isShowable(text), "an error can be shown")
        }
        return
    }
    let (keys, problems) = (document.keys, document.problems)
    try require(!keys.isEmpty || !problems.isEmpty, "there is a key or a problem")
    try require(keys.count + problems.count <= 4096, "at most 4096 findings")
    let lines = 1 + input.count { $0 == 0x0A || $0 == 0x0D }
    for problem in problems {
        try require(isShowable(problem.reason), "a problem can be shown")
        try require((1...lines).contains(problem.line), "a problem is on a line of the source")
    }
    for key in keys {
        try require((1...lines).contains(key.line), "a key is on a line of the source")
        try checkKey(key, document)
    }
    for key in keys.prefix(4) { try checkJSON(of: key, document) }
    try checkTable(of: document)
}

private func checkKey(_ key: ImportedKey, _ document: borrowing ImportDocument) throws(Violation) {
    // A range beyond the bytes stops the program here.
    let secret = bytes(key.secretAccessKey, document)
    try require((1...4096).contains(secret.count) && secret.allSatisfy(isPrintable), "a secret is printable")
    if let range = key.sessionToken {
        let token = bytes(range, document)
        try require((1...6144).contains(token.count) && token.allSatisfy(isPrintable), "a token is printable")
    }
    try require(AccessKeyID.classify(key.accessKeyID) != nil, "an id is an id")
    try require(EntryName.cleaned(key.suggestedName) == key.suggestedName, "a suggested name is a name")
    try require(key.accountID.map(isAccount) ?? true, "an account has 12 digits")
    for time in [key.expiration, key.createdAt].compactMap({ $0 }) {
        try require((0...253_402_300_799).contains(time), "a time is in 1970 to 9999")
    }
    for text in [key.userName, key.profile, key.region].compactMap({ $0 }) {
        try require(isShowable(text), "a text can be shown")
    }
}

/// What a client is answered for the key is read as the same key.
private func checkJSON(of key: ImportedKey, _ document: borrowing ImportDocument) throws {
    let id = Array(key.accessKeyID.utf8)
    let account = key.accountID.map { Array($0.utf8) }
    let secret = bytes(key.secretAccessKey, document)
    let token = key.sessionToken.map { bytes($0, document) }
    var answer: [UInt8] = []
    do throws(CredentialProcessJSON.EncodingError) {
        let json = try CredentialProcessJSON.encode(
            accessKeyID: id.rawSpan, secretAccessKey: secret.rawSpan, sessionToken: token?.rawSpan,
            expiration: key.expiration, accountID: account?.rawSpan)
        answer = [UInt8](json.bytes)
    } catch {
        guard case .tooLong = error else { throw Violation(description: "a key can be answered: \(error)") }
        return
    }
    let again = try ImportDocument.parse(copy(answer), fileName: nil, now: 0)
    try require(again.keys.count == 1, "an answer is read as one key")
    let found = again.keys[0]
    try require(
        found.accessKeyID == key.accessKeyID && bytes(found.secretAccessKey, again) == secret
            && found.sessionToken.map { bytes($0, again) } == token && found.expiration == key.expiration
            && found.accountID == key.accountID, "an answer is read as the key that it was made of")
}

/// A table of the keys, every field in quotes, is read as the same keys.
private func checkTable(of document: borrowing ImportDocument) throws {
    var table = Array("Access key ID,Secret access key,Session token,User name".utf8)
    for key in document.keys {
        let id = Array(key.accessKeyID.utf8)
        let token = key.sessionToken.map { bytes($0, document) } ?? []
        let user = (key.userName ?? "").utf8.map { $0 }
        table += [0x0D, 0x0A]
        for (index, field) in [id, bytes(key.secretAccessKey, document), token, user].enumerated() {
            if index > 0 { table.append(UInt8(ascii: ",")) }
            table.append(quote)
            table += field.flatMap { $0 == quote ? [$0, $0] : [$0] }
            table.append(quote)
        }
    }
    guard !document.keys.isEmpty, table.count <= 4 << 20 else { return }
    let again = try ImportDocument.parse(copy(table), fileName: nil, now: 0)
    try require(again.keys.count == document.keys.count, "a table is read as all of its keys")
    for (key, found) in zip(document.keys, again.keys) {
        try require(
            found.accessKeyID == key.accessKeyID
                && bytes(found.secretAccessKey, again) == bytes(key.secretAccessKey, document)
                && found.sessionToken.map { bytes($0, again) } == key.sessionToken.map { bytes($0, document) }
                && found.userName.map { Array($0.utf8) } == key.userName.map { Array($0.utf8) },
            "a table is read as the keys that it was made of")
    }
}

private let quote = UInt8(ascii: "\"")

private func bytes(_ range: Range<Int>, _ document: borrowing ImportDocument) -> [UInt8] {
    document.withSecret(range) { [UInt8]($0) }
}

private func isPrintable(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }

private func isAccount(_ text: String) -> Bool {
    text.utf8.count == 12 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
}

private func copy(_ bytes: [UInt8]) throws(ImportError) -> SecretBytes {
    do { return try secret(bytes) } catch { throw .memory(error) }
}
