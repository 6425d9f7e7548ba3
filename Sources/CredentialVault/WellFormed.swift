extension Entry {
    /// Whether what came from the agent is as the format has it, so that it can be shown and its times written.
    package var isWellFormed: Bool { passesCheck }
}

extension Role {
    /// As ``Entry/isWellFormed``.
    package var isWellFormed: Bool { passesCheck }
}

extension RecordContent {
    fileprivate var passesCheck: Bool {
        var record = self
        var check = ShownCheck()
        record.visit(&check)
        return check.isPassed
    }
}

private struct ShownCheck: FieldCoder {
    private(set) var isPassed = true

    mutating func code(_ field: Field, text: inout String?) {
        if let text, !field.rule.canShow(text) { isPassed = false }
    }

    mutating func code(_ field: Field, lines: inout [String]) {
        if !lines.allSatisfy({ field.rule.canShow($0) }) { isPassed = false }
    }

    mutating func code(_ field: Field, number: inout Int64?) {
        if let number, !field.rule.numbers.contains(number) { isPassed = false }
    }

    mutating func code(_ field: Field, reference: inout String?) { code(field, text: &reference) }
    mutating func code(_ field: Field, secret: EntrySecrets.Kind, isThere: inout Bool?) {}
    mutating func code(id field: Field) {}
    mutating func expect(_ isAsSent: Bool) {}
}
