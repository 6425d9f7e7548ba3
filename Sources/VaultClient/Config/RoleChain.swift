package import AWSConfigFile
package import AWSConfigGrammar
import AWSValues
import CredentialImport
package import CredentialVault
import DurableFiles
import ProgramSupport

/// A profile that assumes a role by itself, the profiles that it assumes it with, and what they become in the
/// vault.
package struct RoleChain {
    /// Roles to add, or that are in the vault already, from the one next to the key on.
    package struct Step {
        /// The profile as both files together say it.
        package let profile: RoleProfile
        package let role: Role
        let isNew: Bool
        /// What the profile says that does not go with the role.
        package var beside: [BesideSettings.Left] = []
    }

    /// Where the last of the chain's profiles has its key.
    package enum Base {
        /// In the vault, under this name.
        case vault(String)
        /// In plaintext in one of the files, and to be moved into the vault under the name.
        case plaintext(profile: String, name: String, in: ConfigKind)

        package var name: String {
            switch self {
            case .vault(let name), .plaintext(_, let name, _): name
            }
        }
    }

    package let base: Base
    /// The entry of a key that is in the vault.
    let baseEntry: Entry?
    let steps: [Step]

    /// Follows a profile down to its key.
    ///
    /// - Parameter name: what the role of the profile is to be called.
    /// - Returns: nil when the profile assumes no role by itself.
    package init?(
        _ profile: String, as name: String, in config: borrowing ConfigDocument,
        _ credentials: borrowing ConfigDocument, _ vault: any VaultAccess
    ) throws {
        guard try Self.role(of: profile, in: config, credentials) != nil else { return nil }
        let profiles = try Self.chain(from: profile, in: config, credentials)
        let entries = try vault.entries()
        try Self.requireNone(of: profiles, as: name, in: config, credentials, entries)
        guard let last = profiles.last else { return nil }
        base = try Self.base(last, of: profiles, in: config, credentials, vault)
        baseEntry = entries[base.name]
        var steps: [Step] = []
        var source = base.name
        for found in profiles.reversed() {
            let own = found.profile == profile ? name : EntryName.cleaned(found.profile)
            var step = try Self.step(found, as: own, source, isChained: !steps.isEmpty, entries)
            step.beside = try config.besideSettings(of: found.profile).left
            steps.append(step)
            source = own
        }
        self.steps = steps
        for step in steps where step.role.name == base.name {
            throw Self.taken(step.profile, step.role.name, "a key")
        }
    }

    /// The profiles from the given one to the one that a key assumes.
    private static func chain(
        from profile: String, in config: borrowing ConfigDocument, _ credentials: borrowing ConfigDocument
    ) throws -> [RoleProfile] {
        var chain: [RoleProfile] = []
        var next = profile
        while let found = try role(of: next, in: config, credentials) {
            chain.append(found)
            guard chain.count <= 8 else {
                throw Failure(
                    .malformed,
                    "more than 8 profiles assume each other's roles: \(shown(chain.map(\.profile)))",
                    hint: "give one of them a source_profile that has a key")
            }
            next = found.sourceProfile
            // A key in plaintext comes before a role of the same profile, and may be that of the role's own.
            if try hasKey(next, credentials) { break }
            if chain.contains(where: { $0.profile == next }) {
                throw Failure(
                    .malformed,
                    "the source_profile settings form a loop: \(shown(chain.map(\.profile) + [next]))",
                    hint: "give one of them another source_profile")
            }
        }
        return chain
    }

    private static func base(
        _ last: RoleProfile, of profiles: [RoleProfile], in config: borrowing ConfigDocument,
        _ credentials: borrowing ConfigDocument, _ vault: any VaultAccess
    ) throws -> Base {
        let source = last.sourceProfile
        let entries = try vault.entries()
        let plain = EntryName.cleaned(source)
        let isInCredentials = try hasKey(source, credentials)
        let isInConfig = try !isInCredentials && config.staticKeys(of: source) != nil
        if isInCredentials || isInConfig {
            let kind: ConfigKind = isInCredentials ? .credentials : .config
            let known =
                isInCredentials
                ? try StaticKeyMove.known(source, credentials, in: vault)
                : try StaticKeyMove.known(source, config, in: vault)
            if let known { return .plaintext(profile: source, name: known, in: kind) }
            let isRole = profiles.contains { $0.profile == source }
            return .plaintext(
                profile: source,
                name: StaticKeyMove.freeName(
                    for: isRole || entries.isTaken(plain) ? "\(plain.prefix(100))-credentials" : plain,
                    in: entries),
                in: kind)
        }
        let ours = config.sealringProfiles.first { $0.profile == source }?.entry
        let name = ours ?? plain
        guard entries.isTaken(name) else {
            throw Failure(
                .missing,
                "'\(source.printable)', the source_profile of '\(last.profile.printable)' (line \(last.lines[.sourceProfile] ?? last.line)), has no key\(SettingComment.note(in: source) ?? "")",
                hint: SettingComment.cure(for: source)
                    ?? "import its key first, with 'sealring import FILE --name \(name)'")
        }
        return .vault(name)
    }

    private static func hasKey(_ profile: String, _ credentials: borrowing ConfigDocument) throws -> Bool {
        do { return try credentials.staticKeys(of: profile) != nil } catch {
            throw Failure(error, path: try Paths.awsCredentials())
        }
    }

    private static func step(
        _ found: RoleProfile, as name: String, _ source: String, isChained: Bool, _ entries: EntryList
    ) throws -> Step {
        if entries[name] != nil { throw taken(found, name, "a key") }
        let known = entries.role(name)
        if let known {
            guard known.roleARN == found.roleARN, known.source == source else {
                throw taken(found, name, "another role")
            }
        }
        let role = try role(found, as: name, source, isChained: isChained)
        guard let known else { return Step(profile: found, role: role, isNew: true) }
        let others = differences(of: role, from: known)
        guard others.isEmpty else {
            throw Failure(
                .exists,
                "the role '\(name)' in the vault has another \(others.joined(separator: ", ")) than the profile '\(found.profile.printable)' (line \(found.line))",
                hint: "change the role with 'sealring set \(name)', or change the profile"
            )
        }
        return Step(profile: found, role: known, isNew: false)
    }

    /// What a profile says of its role, as the vault takes it.
    package static func role(
        _ found: RoleProfile, as name: String, _ source: String, isChained: Bool
    ) throws -> Role {
        var role = Role(name: name, roleARN: found.roleARN, source: source)
        role.roleARN = try read(.roleARN, found.roleARN, of: found, RoleSettings.roleARN) ?? ""
        role.mfaSerial = try read(.mfaSerial, found.mfaSerial, of: found, RequestSettings.serial)
        role.externalID = try read(.externalID, found.externalID, of: found, RoleSettings.externalID)
        role.sessionName = try read(.roleSessionName, found.sessionName, of: found, RoleSettings.sessionName)
        role.region = try read(.region, found.region, of: found, RequestSettings.region)
        role.caBundle = try read(.caBundle, found.caBundle, of: found, RequestSettings.bundle)
        role.sessionSeconds = try read(.durationSeconds, found.durationSeconds, of: found) {
            try seconds($0, isChained: isChained)
        }
        return role
    }

    /// The value of a setting as the vault takes it.
    ///
    /// - Throws: ``Failure`` that names the profile, the setting and its line.
    private static func read<Value>(
        _ name: SettingName, _ text: String?, of found: RoleProfile, _ check: (String) throws -> Value?
    ) throws -> Value? {
        guard let text else { return nil }
        let file = found.inCredentials.contains(name) ? " of \(try Paths.awsCredentials().printable)" : ""
        let place =
            "profile '\(found.profile.printable)', \(name.rawValue) (line \(found.lines[name] ?? found.line)\(file))"
        do { return try check(text) } catch let error as FileError {
            let failure = Failure(error)
            throw Failure(
                failure.code, "\(place): \(failure.message)\(SettingComment.note(in: text) ?? "")",
                hint: SettingComment.cure(for: text) ?? "name a file of certificates, or remove the setting")
        } catch let failure as Failure {
            throw Failure(
                .malformed, "\(place): \(failure.message)\(SettingComment.note(in: text) ?? "")",
                hint: SettingComment.cure(for: text) ?? failure.hint)
        }
    }

    /// The settings of a profile that the role of the same name in the vault does not have.
    private static func differences(of role: Role, from known: Role) -> [String] {
        let settings: [(String, Bool)] = [
            ("mfa_serial", role.mfaSerial == nil || role.mfaSerial == known.mfaSerial),
            ("external_id", role.externalID == nil || role.externalID == known.externalID),
            ("role_session_name", role.sessionName == nil || role.sessionName == known.sessionName),
            ("region", role.region == nil || role.region == known.region),
            ("ca_bundle", role.caBundle == nil || role.caBundle == known.caBundle),
            ("duration_seconds", role.sessionSeconds == nil || role.sessionSeconds == known.sessionSeconds),
        ]
        return settings.filter { !$0.1 }.map(\.0)
    }

    /// What AWS would have refused, and what is too short for clients that ask again in the last 15 minutes,
    /// becomes the nearest that is taken.
    private static func seconds(_ text: String, isChained: Bool) throws -> UInt32 {
        guard let seconds = UInt32(text) else {
            throw Failure(
                .malformed, "invalid duration '\(String(text.prefix(100)).printable)'",
                hint: "write a number of seconds, from 900 to 43200")
        }
        return min(max(seconds, 1800), isChained ? 3600 : 43_200)
    }

    private static func taken(_ found: RoleProfile, _ name: String, _ what: String) -> Failure {
        Failure(
            .exists,
            "profile '\(found.profile.printable)' (line \(found.line)) assumes a role, but '\(name.printable)' is \(what) in the vault",
            hint:
                "take it over under another name with 'sealring configure NAME --profile \(found.profile.printable)'"
        )
    }

    private static func shown(_ profiles: [String]) -> String {
        profiles.map(\.printable).joined(separator: " < ")
    }
}
