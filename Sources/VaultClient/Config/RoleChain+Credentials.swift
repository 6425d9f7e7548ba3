package import AWSConfigFile
import AWSConfigGrammar
import AWSValues
import CredentialImport
import CredentialVault
import ProgramSupport

/// Roles of `~/.aws/credentials`, which AWS clients join with those of the config file.
extension RoleChain {
    /// The role of a profile as AWS clients see it in both files; nil when it assumes none.
    package static func role(
        of profile: String, in config: borrowing ConfigDocument, _ credentials: borrowing ConfigDocument
    ) throws -> RoleProfile? {
        do { return try RoleProfile.read(profile, in: config, credentials) } catch {
            throw Failure(
                error.error,
                path: error.file == .config ? try Paths.awsConfig() : try Paths.awsCredentials())
        }
    }

    private static func settings(
        of profile: String, _ credentials: borrowing ConfigDocument
    ) throws -> AWSConfigFile.RoleSettings {
        do { return try credentials.roleSettings(of: profile) } catch {
            throw Failure(error, path: try Paths.awsCredentials())
        }
    }

    /// Refuses roles with settings in the credentials file: only those of the config file are rewritten, and AWS
    /// clients would go on assuming the role with the others. The one next to the key comes first, since the
    /// others need it.
    ///
    /// - Parameters:
    ///   - profiles: the chain, from the given profile to the one that a key assumes.
    ///   - name: what the role of the first one is to be called.
    static func requireNone(
        of profiles: [RoleProfile], as name: String, in config: borrowing ConfigDocument,
        _ credentials: borrowing ConfigDocument, _ entries: EntryList
    ) throws {
        guard let found = profiles.last(where: { credentials.namesRole(of: $0.profile) }) else { return }
        let own = same(found.profile, profiles[0].profile) ? name : EntryName.cleaned(found.profile)
        var places: [String] = []
        for (lines, path) in [
            (try settings(of: found.profile, credentials).sources, try Paths.awsCredentials()),
            (try config.roleSettings(of: found.profile).sources, try Paths.awsConfig()),
        ] where !lines.isEmpty {
            let shown = lines.map { "\($0.name.rawValue) (line \($0.line))" }.joined(separator: " and ")
            places.append("\(shown) of \(path.printable)")
        }
        let lines = places.joined(separator: ", ")
        throw Failure(
            .exists,
            "profile '\(found.profile.printable)' assumes its role with settings in the credentials file, which Sealring does not rewrite: \(lines)",
            hint: try steps(for: found, as: own, without: lines, in: config, entries).joined(separator: "; "))
    }

    /// The commands that do by hand what is not done here.
    private static func steps(
        for found: RoleProfile, as name: String, without lines: String,
        in config: borrowing ConfigDocument, _ entries: EntryList
    ) throws -> [String] {
        let source =
            config.sealringProfiles.first { same($0.profile, found.sourceProfile) }?.entry
            ?? EntryName.cleaned(found.sourceProfile)
        var steps: [String] = []
        if !entries.isTaken(source) {
            steps.append("seal the key '\(source)' with 'sealring import FILE --no-configure'")
        }
        if !entries.isTaken(name) {
            let role = try role(found, as: name, source, isChained: entries.role(source) != nil)
            steps.append("run '\(addition(of: role))'")
        }
        let profile = same(name, found.profile) ? "" : " --profile \(found.profile.shellQuoted.printable)"
        steps.append("delete \(lines)")
        steps.append("run 'sealring configure \(name)\(profile)'")
        return steps
    }

    private static func addition(of role: Role) -> String {
        let options: [(String, String?)] = [
            ("role-arn", role.roleARN), ("source", role.source), ("mfa-serial", role.mfaSerial),
            ("external-id", role.externalID), ("session-name", role.sessionName),
            ("duration", role.sessionSeconds.map { "\($0)s" }), ("region", role.region),
            ("ca-bundle", role.caBundle),
        ]
        let words = options.compactMap { name, value in
            value.map { "--\(name) \($0.shellQuoted.printable)" }
        }
        return (["sealring role add", role.name] + words + ["--no-configure"]).joined(separator: " ")
    }
}
