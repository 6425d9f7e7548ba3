import SecureMemory

extension Entry {
    /// What is wrong with a text that a person chose for the entry, such as its note; nil when nothing is.
    package var settingFault: String? { faultOfTexts }
}

extension Role {
    /// As ``Entry/settingFault``.
    package var settingFault: String? { faultOfTexts }
}

extension RecordContent {
    fileprivate var faultOfTexts: String? {
        var record = self
        var search = FaultSearch()
        record.visit(&search)
        return search.complaint
    }
}

/// Looks for the first text that its rule refuses.
private struct FaultSearch: FieldCoder {
    private(set) var complaint: String?

    mutating func code(_ field: Field, text: inout String?) {
        if let text, complaint == nil, !field.rule.accepts(text.utf8.span.rawSpan) {
            complaint = field.complaint
        }
    }

    mutating func code(_ field: Field, lines: inout [String]) {
        var text = lines.isEmpty ? nil : lines.joined(separator: "\n")
        code(field, text: &text)
    }

    mutating func code(_ field: Field, number: inout Int64?) {}
    mutating func code(_ field: Field, reference: inout String?) {}
    mutating func code(_ field: Field, secret: EntrySecrets.Kind, isThere: inout Bool?) {}
    mutating func code(id field: Field) {}
    mutating func expect(_ isAsSent: Bool) {}
}
