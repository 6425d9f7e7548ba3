import AWSConfigGrammar
import SecureMemory
import Testing

@testable import AWSConfigFile

/// The copy of `~/.aws/config` that one program gets.
struct PrivateCopyTests {
    private static let setting = "credential_process = /x/sealring-credential-process prod"
    private static let block = "[profile prod]\n\(setting)\n"

    private func copy(_ text: String, of profile: String = "prod") throws -> String {
        let document = try ConfigDocument(SecretBytes(copying: Array(text.utf8).rawSpan), kind: .config)
        let copy = try document.privateCopy(
            of: profile, header: "[profile prod]", setting: Self.setting)
        return String(decoding: [UInt8](copy.bytes), as: UTF8.self)
    }

    @Test("a profile that is missing is added")
    func added() throws {
        #expect(try copy("") == Self.block)
        #expect(try copy("[default]\nregion = a\n") == Self.block + "[default]\nregion = a\n")
    }

    @Test("the profile gets its credentials from the setting, and keeps its other settings")
    func section() throws {
        let found = try copy(
            """
            [default]
            region = a
            [profile prod]
            role_arn = x
            source_profile = y
            region = z
            credential_process = other
              goes on
            output = json
            [profile dev]
            region = b
            """)
        #expect(
            found
                == "[default]\nregion = a\n\(Self.block)region = z\noutput = json\n[profile dev]\nregion = b")
        #expect(try copy("[profile prod]") == "[profile prod]\n\(Self.setting)")
    }

    @Test("no part of a plaintext key is left, with its other lines or in another case")
    func keys() throws {
        let found = try copy(
            """
            # kept
            [default]
            aws_access_key_id = AKIA
            AWS_SECRET_ACCESS_KEY = secret
              secret-goes-on
            aws_session_token=token
            aws_security_token : token
            region = a
            [profile dev]
            aws_secret_access_key = secret
            """)
        #expect(found == Self.block + "# kept\n[default]\nregion = a\n[profile dev]\n")
    }

    @Test("what all profiles inherit leads none elsewhere")
    func defaults() throws {
        let found = try copy(
            "[DEFAULT]\nrole_arn = x\ncredential_process = y\nregion = a\n[profile dev]\nrole_arn = x\n")
        #expect(found == Self.block + "[DEFAULT]\nregion = a\n[profile dev]\nrole_arn = x\n")
    }

    @Test("a file that AWS clients cannot read is not copied")
    func unreadable() {
        #expect(throws: AWSConfigError.self) { try copy("region = a\n[default]\n") }
    }
}
