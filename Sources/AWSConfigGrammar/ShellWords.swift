/// The words of a command or of a section's header, split as Python's `shlex.split` does.
///
/// - Returns: nil where `shlex` raises an error: an open quote, or a backslash at the end.
package func shellWords(_ text: String) -> [String]? {
    var words: [String] = []
    var word = ""
    var inWord = false
    var quote: Unicode.Scalar?
    var escaping = false
    for scalar in text.unicodeScalars {
        if escaping {
            // Between double quotes a backslash stays one, except before a quote or a backslash.
            if let quote, scalar != quote, scalar != "\\" { word += "\\" }
            word.unicodeScalars.append(scalar)
            escaping = false
        } else if scalar == "\\", quote != "'" {
            escaping = true
            inWord = true
        } else if let open = quote {
            if scalar == open { quote = nil } else { word.unicodeScalars.append(scalar) }
        } else if scalar == "\"" || scalar == "'" {
            quote = scalar
            inWord = true
        } else if scalar == " " || scalar == "\t" || scalar == "\r" || scalar == "\n" {
            if inWord { words.append(word) }
            word = ""
            inWord = false
        } else {
            word.unicodeScalars.append(scalar)
            inWord = true
        }
    }
    guard quote == nil, !escaping else { return nil }
    if inWord { words.append(word) }
    return words
}
