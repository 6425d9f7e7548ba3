package import CredentialVault
import DurableFiles

extension Freshness {
    /// What it means, in words.
    package var text: String {
        switch self {
        case .current: "it is current"
        case .rollback(let seen, let found):
            "an older copy (save \(found)) is in place of the one this machine saw (save \(seen))"
        case .fork(let seen, let found):
            "another machine wrote it (save \(found)) without the changes that this one saw (save \(seen))"
        case .unverified(let why):
            "this machine cannot tell whether it is the newest copy: \(why.text)"
        }
    }

    /// The word for it, which scripts rely on.
    package var word: String {
        switch self {
        case .current: "current"
        case .rollback: "rollback"
        case .fork: "fork"
        case .unverified: "unverified"
        }
    }

    /// What lets it be written.
    package var cure: String {
        guard case .unverified(let why) = self else {
            return "put the newest copy in its place, or accept this one with --accept-rollback"
        }
        let path = why.path.printable
        return switch why.reason {
        case .writableByOthers:
            "make sure that the vault is the newest copy, then close it with 'chmod go-w \(path)'"
        case .foreignOwner: "name a state directory of your own in XDG_STATE_HOME"
        case .damaged, .wrongKind, .unreadable:
            "make sure that the vault is the newest copy, then accept it with --accept-rollback"
        }
    }
}

extension UnusableMemory {
    /// What is wrong with it, in words.
    fileprivate var text: String {
        let path = path.printable
        return switch reason {
        case .damaged: "\(path) is damaged"
        case .foreignOwner: "\(path) belongs to another user"
        case .writableByOthers: "others may write to \(path)"
        case .wrongKind: "\(path) is not a regular file or directory as expected"
        case .unreadable: "\(path) cannot be read: \(describe(errno: systemCode).lowercased())"
        }
    }
}
