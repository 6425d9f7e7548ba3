import AWSValues

extension String {
    /// The text without anything that a terminal would obey.
    package var printable: String { ShownText.escaped(self) }
}
