package import DurableFiles
public import SecureMemory
import VaultCrypto

/// Why a vault could not be read, changed or written.
///
/// Errors hold names, paths and figures, never a secret.
public struct VaultError: Error, Sendable, Equatable {
    /// What went wrong. Later versions may add reasons: a `switch` outside of this package needs a `default`, whose
    /// words are the error's ``VaultError/description``.
    @nonexhaustive
    public enum Reason: Sendable, Equatable {
        /// No vault is at the path.
        case missing
        /// A vault, or something else, is at the path already.
        case exists
        /// The file's kind, owner, permissions or a system call on it; `systemCode` tells the `errno`.
        case file
        /// The file is no vault, or not all of it is what was written; the text says where.
        case damaged(String)
        /// The file asks for something that this version does not know.
        case unsupported(String)
        /// A slot asks for an Argon2id cost outside of the format's bounds.
        case cost(String)
        /// No slot opens with what was given.
        case wrongPassphrase
        /// No slot opens with this recovery code.
        case wrongRecoveryCode
        /// The recovery code's own checksum is wrong.
        case mistypedRecoveryCode
        /// The vault has no slot of the kind that was asked for.
        case noSuchSlot
        /// A passphrase has 1 to 1024 bytes.
        case passphraseLength
        /// Deriving the key needs `needed` bytes, and `limit` leaves `available` of them; nil when the system
        /// refused without telling.
        case notEnoughMemory(needed: Int, available: Int?, limit: MemoryLimit?)
        /// Secret memory could not be allocated or locked.
        case secretMemory(SecureMemoryError)
        /// Another process writes the vault for longer than is waited.
        case busy
        /// Others derived keys for as long as is waited.
        case noTurn(after: Duration)
        /// Somebody else changed the passphrase or the recovery code meanwhile.
        case rekeyedMeanwhile
        /// Another vault stands where the one that was unlocked stood.
        case otherVault
        /// The file is older than a revocation that this machine has seen.
        case revoked
        /// The file is not a successor of the one this machine saw last.
        case notSuccessor(Freshness)
        /// No entry has this name.
        case noSuchEntry(String)
        /// No role has this name.
        case noSuchRole(String)
        /// The key or role that is to go is what another one needs; its name is empty when it went before.
        case inUse(String, by: String, as: Use)
        /// Roles lead back to themselves, on this way.
        case roleLoop([String])
        /// More than eight roles lead to a key, on this way.
        case roleChain([String])
        /// An entry has this name already.
        case nameTaken(String)
        /// A value breaks a rule of the format; the text says which.
        case invalidValue(String)
        /// The vault would pass its limits: 4 MiB, or 4,096 records.
        case full
        /// The vault counts its saves, or its new keys, up to a number that it has reached.
        case exhausted
        /// The change is in place, but the system did not confirm that it survives a power loss.
        case durabilityUnknown
        /// Slots of a kind that this version cannot wrap again stop a change of the vault key.
        case foreignSlots
    }

    /// What one record needs another one for.
    @nonexhaustive
    public enum Use: Sendable, Equatable {
        /// A role is assumed with it.
        case source
        /// A key serves it in place of itself.
        case served
    }

    /// What went wrong.
    public let reason: Reason
    /// The vault's path; empty for an error of a recovery code, or of contents outside of an update.
    public let path: String
    /// The system's error number, where a system call failed.
    public let systemCode: Int32?
    /// The file error behind it.
    package let file: FileError?

    package init(_ reason: Reason, path: String, file: FileError? = nil) {
        self.reason = reason
        self.path = path
        self.file = file
        if case .system(_, _, let code) = file {
            systemCode = code
        } else if case .durabilityUnknown(_, let code) = file {
            systemCode = code
        } else {
            systemCode = nil
        }
    }

    init(_ error: any Error, path: String) {
        switch error {
        case let error as VaultError:
            self = error.path.isEmpty ? VaultError(error.reason, path: path, file: error.file) : error
        case let error as ContentError: self.init(error.reason, path: path)
        case let error as SecureMemoryError: self.init(.secretMemory(error), path: path)
        case CryptoError.memory(let error): self.init(.secretMemory(error), path: path)
        case CryptoError.notEnoughMemory(let kibibytes):
            self.init(
                .notEnoughMemory(needed: Int(kibibytes) << 10, available: nil, limit: nil), path: path)
        case CryptoError.notAuthentic: self.init(.damaged("its content is not authentic"), path: path)
        case FileError.busy: self.init(.busy, path: path)
        case FileError.memory(let error): self.init(.secretMemory(error), path: path)
        case FileError.durabilityUnknown: self.init(.durabilityUnknown, path: path, file: error as? FileError)
        default: self.init(.file, path: path, file: error as? FileError)
        }
    }

}

/// A fault in the vault's content, before it is known which file it lies in.
package struct ContentError: Error {
    package let reason: VaultError.Reason

    static func damaged(_ what: String) -> ContentError { ContentError(reason: .damaged(what)) }
    static func invalid(_ what: String) -> ContentError { ContentError(reason: .invalidValue(what)) }
}
