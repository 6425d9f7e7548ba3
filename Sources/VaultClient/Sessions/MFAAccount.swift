import AWSValues
package import CredentialVault
import ProgramSupport

/// The account of a key and that of its MFA device, which is one: a device belongs to the key's user.
package enum MFAAccount {
    /// Refuses a device of another account. A key whose account is not known gets that of its device, without
    /// which no session could be checked.
    ///
    /// - Returns: the account, when it was taken from the device.
    package static func settle(_ entry: inout Entry) throws -> String? {
        guard let serial = entry.mfaSerial, let account = MFADevice.account(of: serial) else { return nil }
        guard let own = entry.accountID else {
            entry.accountID = account
            return account
        }
        guard own == account else {
            throw Failure(
                .usage,
                "the MFA device belongs to account \(account), but the key '\(entry.name)' belongs to account \(own)",
                hint: "use the MFA device of the key's user")
        }
        return nil
    }

    package static func tell(_ account: String?, _ name: String, _ conversation: any Conversation) {
        guard let account else { return }
        conversation.note("set the account of \(name) to \(account), from its MFA device")
    }
}
