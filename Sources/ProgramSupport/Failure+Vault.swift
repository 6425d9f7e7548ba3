package import CredentialVault
import DurableFiles

extension Failure {
    package init(_ error: VaultError) {
        let path = error.path.printable
        switch error.reason {
        case .missing:
            self.init(.missing, "no vault at \(path)", hint: "run 'sealring init'")
        case .exists:
            self.init(
                .exists, "something is already at \(path)",
                hint: "a vault is never overwritten: use it, or move it away first")
        case .file:
            if let file = error.file {
                self.init(file)
            } else {
                self.init(.inputOutput, "the vault \(path) could not be read or written")
            }
        case .damaged(let what):
            self.init(
                .malformed, "the vault \(path) is damaged: \(what)",
                hint: "restore a backup, or '\(path).prev', the state before the last save")
        case .unsupported(let what):
            self.init(.malformed, "the vault \(path) cannot be read: \(what)", hint: "update sealring")
        case .cost(let what):
            self.init(
                .malformed, "the vault \(path) is refused: \(what)",
                hint: "no vault made by sealring asks for that; restore a backup")
        case .wrongPassphrase:
            self.init(
                .notPermitted, "wrong passphrase for \(path)",
                hint: "'sealring recover' sets a new one with the recovery code")
        case .wrongRecoveryCode:
            self.init(.notPermitted, "this recovery code does not open \(path)")
        case .mistypedRecoveryCode:
            self.init(
                .malformed, "the recovery code is mistyped: its checksum is wrong",
                hint: "it has nine groups of four letters and digits")
        case .noSuchSlot: self.init(.missing, "the vault \(path) has nothing that this could open")
        case .passphraseLength: self.init(.malformed, "a passphrase has 1 to 1024 bytes")
        case .notEnoughMemory(let needed, let available, let limit):
            self = .memory(
                needed, available, limit,
                hint:
                    "raise the limit, or lower the cost where there is more memory: 'sealring passwd --kdf-memory 64'"
            )
        case .secretMemory(let count, let locked):
            self =
                locked
                ? .cannotLock(count, limit: Self.lockLimit())
                : Failure(.memory, "cannot allocate \(count) bytes of memory")
        case .busy:
            self.init(.busy, "another process is at work on \(path)", hint: "try again in a moment")
        case .noTurn(let seconds):
            self.init(
                .busy, "waited \(seconds) s for the key derivations of other processes",
                hint: "start fewer at a time, or let an agent answer: 'sealring unlock'")
        case .rekeyedMeanwhile:
            self.init(.busy, "the passphrase of \(path) was changed meanwhile", hint: "try again")
        case .otherVault:
            self.init(.busy, "another vault stands at \(path) now", hint: "unlock it with 'sealring unlock'")
        case .revoked:
            self.init(
                .malformed,
                "the vault \(path) is older than a change of its passphrase or recovery code that this machine has seen",
                hint: "put the newest copy of the vault in its place")
        case .notSuccessor(let freshness):
            self.init(
                .malformed, "the vault \(path) is not written: \(freshness.text)", hint: freshness.cure)
        case .noSuchEntry(let name):
            self.init(
                .missing, "no entry '\(String(name.prefix(128)).printable)' in the vault",
                hint: "'sealring list' shows the names")
        case .noSuchRole(let name):
            self.init(
                .missing, "no role '\(String(name.prefix(128)).printable)' in the vault",
                hint: "'sealring role list' shows the roles")
        case .inUse(let name, let user, .source):
            self.init(
                .exists,
                name.isEmpty
                    ? "what '\(user.printable)' is assumed with is gone"
                    : "'\(user.printable)' is assumed with '\(name.printable)'",
                hint:
                    "remove '\(user.printable)' as well, or give it another source with 'sealring set \(user.printable) --source NAME'"
            )
        case .inUse(let name, let user, .served):
            self.init(
                .exists,
                name.isEmpty
                    ? "the role that '\(user.printable)' serves is gone"
                    : "'\(user.printable)' serves the role '\(name.printable)'",
                hint:
                    "remove '\(user.printable)' as well, or let it serve itself with 'sealring set \(user.printable) --serve key'"
            )
        case .roleLoop(let names):
            self.init(
                .malformed, "the roles lead back to themselves: \(Self.way(names))",
                hint: "give one of them another source with 'sealring set NAME --source'")
        case .roleChain(let names):
            self.init(
                .malformed, "more than 8 roles lead to a key: \(Self.way(names))",
                hint: "assume one of them with the key itself")
        case .nameTaken(let name):
            self.init(
                .exists, "the name '\(name.printable)' is taken", hint: "choose another name")
        case .invalidValue(let what): self.init(.malformed, what)
        case .full:
            self.init(
                .malformed, "the vault \(path) is full: it holds 4 MiB and 4096 records at most",
                hint: "remove entries that are no longer used")
        case .exhausted:
            self.init(
                .malformed, "the vault \(path) cannot be saved again: its counter of saves is at its end",
                hint: "restore a backup: no vault that sealring made counts so far")
        case .durabilityUnknown:
            self.init(
                .inputOutput,
                "\(path) is saved, but the disk did not confirm that it survives a power loss",
                hint: "check the disk")
        case .foreignSlots:
            self.init(
                .malformed, "the vault \(path) has key slots that this version cannot renew",
                hint: "use the program that made them")
        }
    }

    private static func way(_ names: [String]) -> String {
        names.map(\.printable).joined(separator: " -> ")
    }

    /// - Parameter hint: what helps: a vault that is there and one that is to be made need different things.
    package static func memory(
        _ needed: Int, _ available: Int?, _ limit: MemoryLimit?, hint: String
    ) -> Failure {
        // What is missing is never rounded away.
        let needs = "deriving the key needs \((needed + (1 << 20) - 1) >> 20) MiB"
        let has = available.map { ", \($0 >> 20) MiB available" } ?? ""
        let by = limit.map { " (\($0.text))" } ?? ""
        return Failure(.memory, "not enough memory: \(needs)\(has)\(by)", hint: hint)
    }
}

extension MemoryLimit {
    /// What sets the limit, in words.
    package var text: String {
        switch self {
        case .machine: "this machine"
        case .controlGroup: "limit of the container or control group"
        case .addressSpace: "limit of 'ulimit -v'"
        case .data: "limit of 'ulimit -d'"
        }
    }
}
