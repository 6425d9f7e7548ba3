import Platform

/// The programs of Sealring, which start each other from the one directory that has them all.
package enum SiblingProgram {
    /// Whether only root and this user may change the program.
    package static func isTrusted(_ path: UnsafePointer<CChar>) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return (status.st_uid == 0 || status.st_uid == geteuid()) && status.st_mode & 0o022 == 0
    }
}

/// How long a person may take while an AWS client waits, in seconds. Clients give up after 5 s to 60 s.
package enum Timeouts {
    /// For a question, which gives up by itself.
    package static var question: Int { 25 }
    /// For the program that asks: it is ended when its question did not end.
    package static var prompt: Int { question + 5 }
}
