import AWSValues
import CredentialVault
import SecureMemory
import TestSupport

/// What is read is written as the same bytes; what was changed is read as it was changed.
func checkRecords(_ input: [UInt8]) throws {
    guard let padded = padded(input) else { return }
    let twice = padded + [UInt8](repeating: 0, count: padded.count)
    do {
        _ = try read(twice)
        throw Violation(description: "padding beyond the smallest size is refused")
    } catch let error as ContentError { try checkFault(error) }

    var contents: VaultContents
    do { contents = try read(padded) } catch let error as ContentError { return try checkFault(error) }
    try require(encoded(contents) == padded, "content is written as it was read")
    try checkEntries(contents)
    try require(contents.names == names(in: input, ofType: 1), "each key of the format is an entry")
    try checkRoles(contents)
    try require(
        contents.roles.map(\.name) == names(in: input, ofType: 2), "each role of the format is a role")

    let names = contents.names
    guard let first = names.first, let last = names.last else { return }
    do throws(VaultError) {
        try contents.change(first) { $0.note = $0.note == nil ? "a note" : nil }
    } catch {
        // A rotation that this version could not have begun is left as it is.
        guard case .invalidValue(let text) = error.reason, contents.entry(named: first)?.rotation != nil
        else {
            throw error
        }
        return try require(isShowable(text), "an error can be shown")
    }
    if last != first { try contents.remove(last) }
    for role in contents.roles { try contents.changeRole(role.name) { $0.source = first } }
    guard let changed = encoded(contents) else { return }
    let again = try read(changed)
    try require(again.entries == contents.entries, "a change is read as it was made")
    try require(again.roles == contents.roles, "a changed role is read as it was changed")
    try require(again.roles.allSatisfy { $0.source == first }, "a role has the source that it was given")
    try require(again.names == names.filter { $0 == first || $0 != last }, "one entry is removed")
}

private func checkEntries(_ contents: borrowing VaultContents) throws {
    let names = contents.names
    try require(names.count == contents.count && Set(names).count == names.count, "each name counts once")
    for name in names {
        guard let entry = contents.entry(named: name) else {
            throw Violation(description: "each name has its entry")
        }
        try require(EntryName.isValid(name), "a name is a name")
        try require(AccessKeyID.isValid(entry.accessKeyID), "an id is an id")
        let texts = [
            entry.userName, entry.source, entry.region, entry.note, entry.stsEndpoint, entry.iamEndpoint,
            entry.caBundle, entry.mfaSerial,
        ]
        for text in texts.compactMap({ $0 }) { try require(isShowable(text), "a text can be shown") }
        let sent = Entry(encoded: entry.encoded().rawSpan)
        try require(sent == entry, "an entry travels as it is")
        let secrets = try contents.secrets(of: name)
        let key = secrets.secretAccessKey
        try require((1...4096).contains(key.byteCount), "a secret has 1 to 4096 bytes")
        try require(UTF8Text.isPlain(key.octets), "a secret is text")
        guard let token = secrets.sessionToken else {
            try require(!entry.hasSessionToken, "a token that is told is there")
            continue
        }
        try require(entry.hasSessionToken, "a token that is there is told")
        try require((1...6144).contains(token.byteCount), "a token has 1 to 6144 bytes")
        try require(UTF8Text.isPlain(token.octets), "a token is text")
    }
}

private func checkRoles(_ contents: borrowing VaultContents) throws {
    for role in contents.roles {
        try require(contents.role(named: role.name) == role, "a role is found by its name")
        try require(contents.entry(named: role.name) == nil, "a role is no entry")
        let texts = [
            role.roleARN, role.region, role.note, role.stsEndpoint, role.caBundle, role.mfaSerial,
            role.externalID, role.policy, role.sourceIdentity, role.sessionName,
        ]
        for text in texts.compactMap({ $0 }) { try require(isShowable(text), "a text can be shown") }
        for lines in [role.policyARNs, role.tags, role.transitiveTagKeys] {
            try require(lines.count <= 50 && lines.allSatisfy(isShowable), "a line can be shown")
        }
        try require((900...43_200).contains(role.sessionSeconds ?? 900), "a role has its bounds of time")
        let sent = Role(encoded: role.encoded().rawSpan)
        try require(sent == role, "a role travels as it is")
    }
}

/// The sorted names of a type of records, in content that obeys the format and is read here a second time.
private func names(in content: [UInt8], ofType type: UInt8) -> [String] {
    var position = 4 + 32 * number(content, 2, 2) + 4
    var names: [String] = []
    while position < content.count {
        let end = position + 5 + number(content, position + 1, 4)
        // A name has tag 1, the lowest of all.
        let isNamed =
            content[position] == type && end > position + 11 && number(content, position + 5, 2) == 1
        if isNamed {
            let count = number(content, position + 7, 4)
            names.append(String(decoding: content[(position + 11)..<(position + 11 + count)], as: UTF8.self))
        }
        position = end
    }
    return names.sorted()
}

private func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
    bytes[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
}

private func checkFault(_ error: ContentError) throws {
    guard let text = faultText(error) else {
        throw Violation(description: "content is damaged or unsupported: \(error.reason)")
    }
    try require(isShowable(text), "an error can be shown")
}

private func read(_ padded: [UInt8]) throws -> VaultContents {
    try VaultContents(image: secret(padded), range: 0..<padded.count)
}

/// The content and its padding, or nil when it became too large for a vault.
private func encoded(_ contents: borrowing VaultContents) -> [UInt8]? {
    guard let size = paddedCount(contents.encodedCount) else { return nil }
    var bytes = [UInt8](repeating: 0, count: size)
    contents.encode(into: bytes.mutableRawSpan)
    return bytes
}

private func padded(_ content: [UInt8]) -> [UInt8]? {
    guard let size = paddedCount(content.count) else { return nil }
    return content + [0x80] + [UInt8](repeating: 0, count: size - content.count - 1)
}

private func paddedCount(_ count: Int) -> Int? {
    let sizes =
        [16 << 10, 32 << 10, 64 << 10, 128 << 10] + stride(from: 256 << 10, to: 4 << 20, by: 256 << 10)
    return sizes.first { $0 > count }
}
