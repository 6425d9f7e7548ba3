package import CredentialVault

extension Freshness {
    /// What it means, in words.
    package var text: String { description }

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
