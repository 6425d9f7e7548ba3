/// What can open a vault.
///
/// ```swift
/// if sealed.unlockMethods.contains(.recoveryCode) { … }
/// ```
public struct UnlockMethods: OptionSet, Sendable, Hashable {
    /// One bit for each method.
    public let rawValue: UInt8

    /// The methods with these bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// ``SealedVault/unlock(passphrase:)``.
    public static let passphrase = UnlockMethods(rawValue: 1)
    /// ``SealedVault/unlock(recoveryCode:)``.
    public static let recoveryCode = UnlockMethods(rawValue: 2)
    /// One that this version does not know. Such a vault cannot be rekeyed here.
    public static let unknown = UnlockMethods(rawValue: 4)
}

extension VaultHeader {
    var unlockMethods: UnlockMethods {
        slots.reduce(into: []) { methods, slot in
            switch slot.type {
            case KeySlot.empty: break
            case KeySlot.passphrase: methods.insert(.passphrase)
            case KeySlot.recoveryCode: methods.insert(.recoveryCode)
            default: methods.insert(.unknown)
            }
        }
    }
}
