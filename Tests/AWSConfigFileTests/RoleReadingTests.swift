import AWSConfigGrammar
import TestSupport
import Testing

@testable import AWSConfigFile

/// What is read of a role, in one file or in both.
extension RoleProfileTests {
    @Test("the profiles that assume a role with the credentials of another one are told")
    func roleSources() throws {
        let file = try document(
            "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nsource_profile = c\n"
                + "[default]\nrole_arn = r\ncredential_source = Environment\n")
        #expect(file.roleSources.map { "\($0.profile) \($0.source)" } == ["a b"])
    }

    @Test("what [DEFAULT] says of a role is inherited, as botocore has it")
    func inherits() throws {
        let role = "[profile a]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = b\n"
        let text = "[DEFAULT]\nmfa_serial = mine\nregion = eu-west-1\n" + role + "region = us-east-1\n"
        let found = try #require(try document(text).roleProfile(of: "a"))
        #expect(found.mfaSerial == "mine" && found.region == "us-east-1")
        let long = try document("[DEFAULT]\nmfa_serial = mine\n  more\n" + role)
        #expect(
            failure { _ = try long.roleProfile(of: "a") } == .settingOverLines(name: "mfa_serial", line: 2))
    }

    @Test("of a role in both files, what the credentials file says comes first, as botocore has it")
    func joined() throws {
        func read(_ config: String, _ credentials: String) throws -> RoleProfile? {
            try RoleProfile.read("a", in: document(config), document(credentials, kind: .credentials))
        }
        let role = "role_arn = r\nsource_profile = b\n"
        let alone = try #require(try read("", "[a]\n\(role)"))
        #expect(alone.roleARN == "r" && alone.lines[.sourceProfile] == 3)
        #expect(alone.inCredentials == [.roleARN, .sourceProfile])
        let split = try #require(
            try read(
                "[profile a]\nrole_arn = r\nmfa_serial = m\nregion = x\n",
                "[DEFAULT]\nregion = y\n[a]\nsource_profile = b\nmfa_serial =\n"))
        #expect(split.roleARN == "r" && split.sourceProfile == "b" && split.region == "y")
        #expect(split.mfaSerial == nil, "an empty value of the credentials file counts")
        // [DEFAULT] says nothing of a profile that the credentials file does not have.
        let other = try read("[profile a]\n\(role)", "[DEFAULT]\nrole_arn = other\n[b]\n")
        #expect(other?.roleARN == "r" && other?.inCredentials == [])
        #expect(try read("[profile a]\nregion = x\n", "[a]\nsource_profile = b\n") == nil)
        for (config, credentials, file, line) in [
            ("[profile a]\nrole_arn = r\n", "[a]\nsource_profile =\n", ConfigKind.config, 2),
            ("[profile a]\nsource_profile = b\n", "[a]\nx = y\nrole_arn =\n", .credentials, 3),
        ] {
            let error = AWSConfigError.otherSource(profile: "a", setting: "role_arn", line: line)
            #expect(throws: RoleFault(error: error, file: file)) { _ = try read(config, credentials) }
        }
    }

    @Test("a role is read with all that is said of it")
    func read() throws {
        let file = try document(
            """
            [profile target]
            role_arn = arn:aws:iam::1:role/x
            source_profile= base
              # not of the value
            MFA_serial: m
            external_id = e
            duration_seconds = 900
            role_session_name = s
            region = r
            ca_bundle = /b

            """)
        #expect(
            try file.roleProfile(of: "target")
                == RoleProfile(
                    profile: "target", line: 2, roleARN: "arn:aws:iam::1:role/x", sourceProfile: "base",
                    mfaSerial: "m", externalID: "e", durationSeconds: "900", sessionName: "s", region: "r",
                    caBundle: "/b",
                    lines: [
                        .roleARN: 2, .sourceProfile: 3, .mfaSerial: 5, .externalID: 6, .durationSeconds: 7,
                        .roleSessionName: 8, .region: 9, .caBundle: 10,
                    ]))
        #expect(try file.roleProfile(of: "other") == nil)
        #expect(try document("[profile target]\nregion = x\n").roleProfile(of: "target") == nil)
    }
}
