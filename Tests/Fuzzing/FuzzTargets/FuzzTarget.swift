/// A parser of untrusted bytes, and what must hold for every input that it is given.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// The first 8192 bytes of a vault file; what an input lacks is zero.
    case header
    /// The content of a vault's body, before its padding.
    case records
    /// `~/.aws/config` and `~/.aws/credentials`, which are edited.
    case config
    /// Tables of keys to import.
    case csv
    /// Settings files to import.
    case ini
    /// JSON to import.
    case json
    /// Frames between the agent and its clients, and the entries in them.
    case frames
    /// Replies of the program that speaks to AWS, which anybody may have forged.
    case replies

    /// Gives `input` to the parser.
    ///
    /// - Throws: ``Violation``, or an error that the parser must not throw.
    package func check(_ input: [UInt8]) throws {
        switch self {
        case .header: try checkHeader(input)
        case .records: try checkRecords(input)
        case .config: try checkConfig(input)
        case .csv: try checkImport(input, fileName: "prod_accessKeys.csv")
        case .ini: try checkImport(input, fileName: "credentials")
        case .json: try checkImport(input, fileName: nil)
        case .frames: try checkFrames(input)
        case .replies: try checkReply(input)
        }
    }
}

/// A property that does not hold.
package struct Violation: Error, CustomStringConvertible {
    package let description: String
}

func require(_ condition: Bool, _ property: @autoclosure () -> String) throws(Violation) {
    guard condition else { throw Violation(description: property()) }
}

/// Whether a text can be shown in a terminal as it is.
func isShowable(_ text: String) -> Bool {
    !text.isEmpty && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
}
