/// One field of a record: its tag in the format, what people call it, and what its value must be.
struct Field: Sendable {
    let tag: UInt16
    let name: StaticString
    let rule: FieldRule
    let isMandatory: Bool
    let isSecret: Bool

    init(
        tag: UInt16, name: StaticString, rule: FieldRule, isMandatory: Bool = false, isSecret: Bool = false
    ) {
        self.tag = tag
        self.name = name
        self.rule = rule
        self.isMandatory = isMandatory
        self.isSecret = isSecret
    }

    /// A field of a later version, which may hold a secret.
    init(tag: UInt16) {
        self.init(tag: tag, name: "field of a later version", rule: .unknown, isSecret: true)
    }

    /// What is wrong with a value that the rule refuses. The value is not repeated: it may be a secret, pasted into
    /// the wrong place.
    var complaint: String { "invalid \(name): \(rule.requirement)" }
}

/// What goes over the fields of a record, in the order of their tags, and reads, writes or checks each.
///
/// A record describes itself once, in its `visit`; the file, the agent's messages and every check follow from that.
protocol FieldCoder: ~Copyable, ~Escapable {
    associatedtype Failure: Error

    /// Whether it codes the agent's messages, and no record.
    static var isOfMessages: Bool { get }

    mutating func code(_ field: Field, text: inout String?) throws(Failure)
    mutating func code(_ field: Field, lines: inout [String]) throws(Failure)
    mutating func code(_ field: Field, number: inout Int64?) throws(Failure)
    /// The name of another record, which the file refers to by its id; empty for one that is gone.
    mutating func code(_ field: Field, reference: inout String?) throws(Failure)
    /// - Parameter isThere: whether the record has the secret; nil where messages do not tell.
    mutating func code(
        _ field: Field, secret: EntrySecrets.Kind, isThere: inout Bool?
    ) throws(Failure)
    /// The record's own id.
    mutating func code(id field: Field) throws(Failure)
    /// Refuses values that no message has together.
    mutating func expect(_ isAsSent: Bool) throws(Failure)
}

extension FieldCoder where Self: ~Copyable & ~Escapable {
    static var isOfMessages: Bool { false }
}

// A property that is no optional is a field that no record lacks.
extension FieldCoder where Self: ~Copyable & ~Escapable {
    mutating func name(_ value: inout String) throws(Failure) { try text(1, "name", &value, as: .name) }

    mutating func id() throws(Failure) {
        try code(id: Field(tag: RecordLayout.idTag, name: "record ID", rule: .recordID, isMandatory: true))
    }

    mutating func sealedAt(_ value: inout Int64) throws(Failure) { try time(9, "sealing time", &value) }

    mutating func changedAt(_ value: inout Int64) throws(Failure) {
        try time(RecordLayout.changedAtTag, "time of the last change", &value)
    }

    mutating func text(
        _ tag: UInt16, _ name: StaticString, _ value: inout String?, as rule: FieldRule
    ) throws(Failure) {
        try code(Field(tag: tag, name: name, rule: rule), text: &value)
    }

    mutating func text(
        _ tag: UInt16, _ name: StaticString, _ value: inout String, as rule: FieldRule
    ) throws(Failure) {
        var text: String? = value
        try code(Field(tag: tag, name: name, rule: rule, isMandatory: true), text: &text)
        value = text ?? value
    }

    mutating func text(
        _ tag: UInt16, _ name: StaticString, _ value: inout String?, upTo limit: Int
    ) throws(Failure) {
        try text(tag, name, &value, as: .text(1...limit))
    }

    mutating func lines(
        _ tag: UInt16, _ name: StaticString, _ value: inout [String], count: Int, upTo limit: Int
    ) throws(Failure) {
        try code(Field(tag: tag, name: name, rule: .lines(limit: limit, count: count)), lines: &value)
    }

    mutating func time(_ tag: UInt16, _ name: StaticString, _ value: inout Int64?) throws(Failure) {
        try code(Field(tag: tag, name: name, rule: .time), number: &value)
    }

    mutating func time(_ tag: UInt16, _ name: StaticString, _ value: inout Int64) throws(Failure) {
        var time: Int64? = value
        try code(Field(tag: tag, name: name, rule: .time, isMandatory: true), number: &time)
        value = time ?? value
    }

    mutating func seconds(
        _ tag: UInt16, _ name: StaticString, _ value: inout UInt32?,
        in range: ClosedRange<UInt32> = 0...UInt32.max
    ) throws(Failure) {
        var number = value.map { Int64($0) }
        try code(Field(tag: tag, name: name, rule: .seconds(range)), number: &number)
        value = number.flatMap { UInt32(exactly: $0) }
    }

    /// - Parameter later: what stands for a choice of a later version in a file; messages have none.
    mutating func choice<Value: RawRepresentable<UInt8>>(
        _ tag: UInt16, _ name: StaticString, _ value: inout Value?, in range: ClosedRange<UInt8>,
        later: Value? = nil
    ) throws(Failure) {
        var number = value.map { Int64($0.rawValue) }
        try code(Field(tag: tag, name: name, rule: .choice(range)), number: &number)
        value = number.flatMap { UInt8(exactly: $0) }.flatMap { Value(rawValue: $0) }
        guard number != nil, value == nil else { return }
        try expect(false)
        value = later
    }

    mutating func reference(
        _ tag: UInt16, _ name: StaticString, _ value: inout String?
    ) throws(Failure) {
        try code(Field(tag: tag, name: name, rule: .reference), reference: &value)
    }

    mutating func reference(
        _ tag: UInt16, _ name: StaticString, _ value: inout String
    ) throws(Failure) {
        var reference: String? = value
        try code(Field(tag: tag, name: name, rule: .reference, isMandatory: true), reference: &reference)
        value = reference ?? value
    }

    mutating func secret(
        _ tag: UInt16, _ name: StaticString, _ secret: EntrySecrets.Kind, as rule: FieldRule
    ) throws(Failure) {
        var isThere: Bool?
        let isMandatory = secret == .key
        try code(
            Field(tag: tag, name: name, rule: rule, isMandatory: isMandatory, isSecret: true), secret: secret,
            isThere: &isThere)
    }

    mutating func secret(
        _ tag: UInt16, _ name: StaticString, _ secret: EntrySecrets.Kind, as rule: FieldRule,
        isThere: inout Bool
    ) throws(Failure) {
        var told: Bool? = isThere
        try code(Field(tag: tag, name: name, rule: rule, isSecret: true), secret: secret, isThere: &told)
        isThere = told ?? isThere
    }
}
