import AgentProtocol
import CredentialVault
import SecureMemory

/// What is read as a frame is written as the same bytes again, and so is an entry in it.
func checkFrames(_ input: [UInt8]) throws {
    guard let (kind, fields) = fields(of: input.rawSpan) else { return }
    var buffer = try SecretBuffer(capacity: 4000, limit: AgentMessage.frameLimit + 4)
    let start = try buffer.beginFrame(kind)
    for field in fields {
        try buffer.appendField(field)
        try checkEntry(field)
    }
    try buffer.endFrame(start)
    try require([UInt8](buffer.bytes) == input, "a frame is written as it was read")
}

/// The kind and the fields of exactly one frame; nil when the bytes are none.
private func fields(of bytes: RawSpan) -> (UInt8, [[UInt8]])? {
    guard var reader = FrameReader(bytes), case .size(bytes.byteCount) = FrameHead(bytes) else { return nil }
    var fields: [[UInt8]] = []
    while let field = reader.next() { fields.append([UInt8](field)) }
    return reader.isAtEnd ? (reader.kind, fields) : nil
}

private func checkEntry(_ field: [UInt8]) throws(Violation) {
    if let role = Role(encoded: field.rawSpan), field.count <= 24 << 10 {
        let again = Role(encoded: role.encoded().rawSpan)
        try require(again == role, "a role is read as it was written")
        try require(Entry(encoded: field.rawSpan) == nil, "a role is no entry")
    }
    guard let entry = Entry(encoded: field.rawSpan) else { return }
    let again = Entry(encoded: entry.encoded().rawSpan)
    // Longer text than a vault takes is cut short on the way, which the vault refuses.
    let texts = [
        entry.name, entry.accessKeyID, entry.accountID, entry.userName, entry.source, entry.region,
        entry.note, entry.stsEndpoint, entry.iamEndpoint, entry.caBundle, entry.mfaSerial,
    ]
    guard texts.allSatisfy({ ($0?.utf8.count ?? 0) <= 4096 }) else { return }
    try require(again == entry, "an entry is read as it was written")
}
