package import AWSConfigFile
import AWSConfigGrammar
package import CredentialVault
import DurableFiles
import ProgramSupport

/// What a profile says beside its plaintext key: sealed with the key where the vault has a place for it, and
/// named where it has none.
package struct BesideKey {
    private let profile: String
    private let settings: BesideSettings
    private let mfaSerial: Result<String?, Failure>
    private let region: Result<String?, Failure>
    private let caBundle: Result<String?, Failure>

    package init(_ profile: String, _ settings: BesideSettings) {
        self.profile = profile
        self.settings = settings
        mfaSerial = Self.checked(settings.mfaSerial, RequestSettings.serial)
        region = Self.checked(settings.region, RequestSettings.region)
        caBundle = Self.checked(settings.caBundle, RequestSettings.bundle)
    }

    /// Adds what the entry does not have yet.
    ///
    /// - Parameter isTemporary: whether there is a session token: with that no device is asked any more.
    package func apply(to entry: inout Entry, isTemporary: Bool) {
        if !isTemporary { entry.mfaSerial = entry.mfaSerial ?? (try? mfaSerial.get()) }
        entry.region = entry.region ?? (try? region.get())
        entry.caBundle = entry.caBundle ?? (try? caBundle.get())
    }

    /// Tells what became of the settings, once the entry is sealed.
    ///
    /// - Parameter entry: the entry as it is sealed.
    package func tell(of entry: Entry, _ conversation: any Conversation) {
        if let serial = try? mfaSerial.get(), !entry.hasSessionToken {
            if entry.mfaSerial == serial {
                conversation.note("set the MFA device of \(entry.name): \(serial.printable)")
            } else {
                conversation.warn(
                    "profile '\(profile.printable)' names the MFA device \(serial.printable), which '\(entry.name)' does not have"
                )
                conversation.hint(
                    "set it with 'sealring mfa set \(entry.name) --mfa-serial \(serial.printable)'")
            }
        }
        for (name, value, result) in [
            ("mfa_serial", settings.mfaSerial, mfaSerial), ("region", settings.region, region),
            ("ca_bundle", settings.caBundle, caBundle),
        ] {
            guard let value, case .failure(let failure) = result else { continue }
            conversation.warn(
                "the \(name) of profile '\(profile.printable)' (line \(value.line)) was not sealed: \(failure.message)"
            )
        }
        Self.tell(settings.left, of: profile, conversation)
    }

    /// Names the settings that the vault does not use.
    package static func tell(
        _ left: [BesideSettings.Left], of profile: String, _ conversation: any Conversation
    ) {
        guard !left.isEmpty else { return }
        let names = left.map { "\($0.name) (line \($0.line))" }.joined(separator: ", ")
        conversation.warn("profile '\(profile.printable)' has \(names), which was not imported")
        conversation.hint("see 'sealring set --help' for the settings of entries and roles")
    }

    private static func checked(
        _ value: BesideSettings.Value?, _ check: (String) throws -> String?
    ) -> Result<String?, Failure> {
        guard let value else { return .success(nil) }
        do { return .success(try check(value.text)) } catch let failure as Failure {
            return .failure(failure)
        } catch let error as FileError {
            return .failure(Failure(error))
        } catch {
            return .failure(Failure(.malformed, "it cannot be read"))
        }
    }
}
