import AWSValues
package import DurableFiles
import Platform

extension Failure {
    /// What is wrong with a passphrase file. Where an orchestrator mounts it, for example Docker or Kubernetes,
    /// its mode, owner and links are not the user's to change; a command that prints it reads it all the same.
    package init(_ error: FileError, passphraseFile path: String) {
        let failure = Failure(error)
        let command = "SEALRING_PASSPHRASE_COMMAND=\"cat \(path.shellQuoted.printable)\""
        let hint: String? =
            switch error {
            case .readableByOthers:
                "close it with 'chmod go= \(path.shellQuoted.printable)', or set \(command) if it is mounted for you"
            case .writableByOthers: failure.hint
            case .symbolicLink: "name the target itself, or set \(command) if it is mounted for you"
            case .system(_, _, EACCES): "let this user (uid \(geteuid())) read it where it is mounted"
            case .foreignOwner: "use a file of your own, or set \(command) if it is mounted for you"
            default: failure.hint
            }
        self.init(failure.code, failure.message, hint: hint)
    }
}

extension String {
    /// The text as one word of a shell.
    package var shellQuoted: String {
        let isPlain = utf8.allSatisfy { byte in
            byte.isLetter || byte.isDigit || "/._-+:@%,".utf8.contains(byte)
        }
        if isPlain, !isEmpty { return self }
        var quoted = "'"
        for character in unicodeScalars {
            if character == "'" { quoted += "'\\''" } else { quoted.unicodeScalars.append(character) }
        }
        return quoted + "'"
    }
}
