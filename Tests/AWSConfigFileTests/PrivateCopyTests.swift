import AWSConfigGrammar
import SecureMemory
import Testing

@testable import AWSConfigFile

/// The copy of `~/.aws/config` that one program gets.
struct PrivateCopyTests {
    private static let block = "[profile prod]\ncredential_process = /x/sealring-credential-process prod\n"

    private func copy(_ text: String, of profile: String = "prod") throws -> String {
        let document = try ConfigDocument(SecretBytes(copying: Array(text.utf8).rawSpan), kind: .config)
        let copy = try document.privateCopy(of: profile, as: Self.block)
        return String(decoding: [UInt8](copy.bytes), as: UTF8.self)
    }

    @Test("the profile is the given one, wherever its section stands and however often")
    func section() throws {
        #expect(try copy("") == Self.block)
        let section = "[profile prod]\nrole_arn = x\nsource_profile = y\nregion = z\n\n"
        for text in [section, section + section.replacing("[profile prod]", with: "[profile 'prod']")] {
            let found = try copy("[default]\nregion = a\n" + text + "[profile dev]\nregion = b\n")
            #expect(found == Self.block + "[default]\nregion = a\n[profile dev]\nregion = b\n")
        }
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
