import AWSValues
import DurableFiles
import Platform
import SecureMemory

extension VaultError: CustomStringConvertible {
    /// What went wrong: lower case, without a full stop. It holds names, paths and figures, never a secret, and can
    /// be shown on a terminal.
    public var description: String {
        let shown = Self.shown(path)
        let place = path.isEmpty ? "its path" : shown
        let vault = path.isEmpty ? "the vault" : "the vault \(shown)"
        return switch reason {
        case .missing: "no vault at \(place)"
        case .exists: "\(place) already exists"
        case .file: file?.description ?? "\(vault) could not be read or written"
        case .damaged(let what): "\(vault) is damaged: \(what)"
        case .unsupported(let what): "\(vault) cannot be read: \(what)"
        case .cost(let what): "\(vault) is refused: \(what)"
        case .wrongPassphrase: path.isEmpty ? "wrong passphrase" : "wrong passphrase for \(shown)"
        case .wrongRecoveryCode:
            "this recovery code does not open \(path.isEmpty ? "the vault" : shown)"
        case .mistypedRecoveryCode: "the recovery code is mistyped: its checksum is wrong"
        case .noSuchSlot: "\(vault) cannot be opened this way"
        case .passphraseLength: "a passphrase has 1 to 1024 bytes"
        case .notEnoughMemory(let needed, let available, let limit):
            "not enough memory: \(Self.lack(needed, available, limit))"
        case .secretMemory(let error): error.description
        case .busy: "another process is at work on \(path.isEmpty ? "the vault" : shown)"
        case .noTurn(let wait):
            "waited \(wait.components.seconds)s for other processes to derive their keys"
        case .rekeyedMeanwhile:
            "the passphrase of \(path.isEmpty ? "the vault" : shown) was changed meanwhile"
        case .otherVault: "another vault stands at \(place) now"
        case .revoked:
            "\(vault) is older than a change of its passphrase or recovery code that this machine has seen"
        case .notSuccessor(let freshness): "\(vault) is not written: \(freshness)"
        case .noSuchEntry(let name): "no entry '\(Self.shown(name, 128))' in the vault"
        case .noSuchRole(let name): "no role '\(Self.shown(name, 128))' in the vault"
        case .inUse("", let user, .source): "what '\(Self.shown(user))' is assumed with is gone"
        case .inUse(let name, let user, .source):
            "'\(Self.shown(user))' is assumed with '\(Self.shown(name))'"
        case .inUse("", let user, .served): "the role that '\(Self.shown(user))' serves is gone"
        case .inUse(let name, let user, .served):
            "'\(Self.shown(user))' serves the role '\(Self.shown(name))'"
        case .roleLoop(let names): "the roles form a loop: \(Self.chain(names))"
        case .roleChain(let names):
            "the chain has more than \(VaultFormat.chainLimit) roles: \(Self.chain(names))"
        case .nameTaken(let name): "the name '\(Self.shown(name))' is taken"
        case .invalidValue(let what): what
        case .full: "\(vault) is full: it holds 4 MiB and \(VaultFormat.recordLimit) records at most"
        case .exhausted: "\(vault) cannot be saved again: its counter of saves is at its end"
        case .durabilityUnknown:
            "\(path.isEmpty ? "the vault" : shown) is saved, but the disk did not confirm that it survives a power loss"
        case .foreignSlots: "\(vault) has key slots that this version cannot renew"
        }
    }

    /// What a derivation needs and has; what is missing is never rounded away.
    private static func lack(_ needed: Int, _ available: Int?, _ limit: MemoryLimit?) -> String {
        let needs = "deriving the key needs \((needed + (1 << 20) - 1) >> 20) MiB"
        let has = available.map { ", \($0 >> 20) MiB available" } ?? ""
        let by = limit.map { " (\($0))" } ?? ""
        return needs + has + by
    }

    private static func shown(_ text: String, _ limit: Int = .max) -> String {
        ShownText.escaped(String(text.prefix(limit)))
    }

    private static func chain(_ names: [String]) -> String {
        names.map { shown($0) }.joined(separator: " -> ")
    }
}

extension MemoryLimit: CustomStringConvertible {
    /// What sets the limit, in words.
    public var description: String {
        switch self {
        case .machine: "this machine"
        case .controlGroup: "limit of the container or control group"
        case .addressSpace: "limit of 'ulimit -v'"
        case .data: "limit of 'ulimit -d'"
        }
    }
}

extension Freshness: CustomStringConvertible {
    /// What it means, in words that can be shown on a terminal.
    public var description: String {
        switch self {
        case .current: "it is current"
        case .rollback(let seen, let found):
            "an older copy (save \(found)) is in place of the one this machine saw (save \(seen))"
        case .fork(let seen, let found):
            "another machine wrote it (save \(found)) without the changes that this one saw (save \(seen))"
        case .unverified(let why): "this machine cannot tell whether it is the newest copy: \(why)"
        }
    }
}

extension UnusableMemory: CustomStringConvertible {
    /// What is wrong with it, in words that can be shown on a terminal.
    public var description: String {
        let path = ShownText.escaped(path)
        return switch reason {
        case .damaged: "\(path) is damaged"
        case .foreignOwner: "\(path) belongs to another user"
        case .writableByOthers: "others may write to \(path)"
        case .wrongKind: "\(path) is not a regular file or directory as expected"
        case .unreadable: "\(path) cannot be read: \(describe(errno: systemCode).lowercased())"
        }
    }
}
