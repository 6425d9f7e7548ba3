import CredentialVault

private let headerCount = 8192
private let slotCount = 1004

/// A header is accepted when it obeys the format, which is written down here a second time, and only then;
/// and it keeps its bytes.
func checkHeader(_ input: [UInt8]) throws {
    guard input.count <= headerCount else { return }
    let bytes = input + [UInt8](repeating: 0, count: headerCount - input.count)
    do {
        let header = try VaultHeader(parsing: bytes)
        try require(header.bytes == bytes, "a header keeps its bytes")
        try require(obeysFormat(bytes), "a header that breaks the format is refused")
    } catch let error as ContentError {
        guard let text = faultText(error) else {
            throw Violation(description: "a header is damaged, unsupported or too costly: \(error.reason)")
        }
        try require(isShowable(text), "an error can be shown")
        try require(!obeysFormat(bytes), "a header that obeys the format is accepted, but: \(text)")
    }
}

/// What a reader of bytes says of a fault; nil for an error that no bytes may lead to.
func faultText(_ error: ContentError) -> String? {
    switch error.reason {
    case .damaged(let text), .unsupported(let text), .cost(let text): text
    default: nil
    }
}

private func obeysFormat(_ bytes: [UInt8]) -> Bool {
    guard Array(bytes[..<8]) == [0x89, 0x53, 0x52, 0x4E, 0x47, 0x0D, 0x0A, 0x1A],
        number(bytes, 8, 2) == 1, number(bytes, 12, 4) == 0, number(bytes, 32, 8) > 0,
        bytes[72..<128].allSatisfy({ $0 == 0 })
    else { return false }
    let body = number(bytes, 40, 4)
    let classes = [16, 32, 64, 128].map { UInt64($0 << 10) + 16 }
    let isLarge = body > 16 && (body - 16).isMultiple(of: 256 << 10) && body <= (4 << 20) - 8192 - 32
    guard classes.contains(body) || isLarge else { return false }
    var work: UInt64 = 0
    for index in 0..<8 {
        let start = 128 + index * slotCount
        guard let more = workOfSlot(Array(bytes[start..<(start + slotCount)])) else { return false }
        work += more
    }
    return work <= 16 << 20
}

/// KiB times passes of a slot; nil when it breaks the format.
private func workOfSlot(_ slot: [UInt8]) -> UInt64? {
    let type = number(slot, 0, 2)
    if type == 0 { return slot.allSatisfy { $0 == 0 } ? 0 : nil }
    let (memory, passes) = (number(slot, 20, 4), number(slot, 24, 4))
    let isFree = memory == 0 && passes == 0
    let isBounded = (65_536...2_097_152).contains(memory) && (3...16).contains(passes)
    let isCostRight =
        switch type {
        case 1: isBounded
        case 2: isFree
        default: isFree || isBounded
        }
    let isReservedZero = number(slot, 2, 2) == 0 && (type > 2 || slot[108...].allSatisfy { $0 == 0 })
    guard isCostRight, isReservedZero, number(slot, 100, 8) <= 253_402_300_799 else { return nil }
    return memory * passes
}

private func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
    bytes[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
