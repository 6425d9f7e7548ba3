import AWSConfigGrammar
import Testing

@testable import AWSConfigFile

@Suite("What stands beside a key")
struct BesideSettingsTests {
    private let text = """
        [profile base]
        mfa_serial = arn:aws:iam::123456789012:mfa/alice
        include_profile = shared
        Region = eu-west-1
        output = json
        endpoint_url = http://localhost:4566
        s3 =
          endpoint_url = http://x
        wJalrXUtnFEMIK7MDENG = x
        ca_bundle =
        [profile other]
        mfa_serial = m

        """

    @Test("the device, the region and the names of what has no place are found, with their lines")
    func found() throws {
        let settings = try document(text).besideSettings(of: "base")
        #expect(settings.mfaSerial == .init(text: "arn:aws:iam::123456789012:mfa/alice", line: 2))
        #expect(settings.region == .init(text: "eu-west-1", line: 4))
        #expect(settings.caBundle == nil)
        #expect(
            settings.left == [.init(name: "include_profile", line: 3), .init(name: "endpoint_url", line: 6)])
        #expect(try document(text).besideSettings(of: "missing") == BesideSettings())
    }

    @Test("the name that aws-mfa gives the device is one for want of the other")
    func otherNameOfTheDevice() throws {
        let file = try document(
            "[a]\naws_mfa_device = d\n[b]\naws_mfa_device = d\nmfa_serial = m\n[b ]\n", kind: .credentials)
        #expect(file.besideSettings[ExactText("a")]?.mfaSerial == .init(text: "d", line: 2))
        #expect(file.besideSettings[ExactText("b")]?.mfaSerial == .init(text: "m", line: 5))
        #expect(file.besideSettings.count == 3)
    }

    @Test("of two values, that of the credentials file counts")
    func joined() throws {
        let config = try document(text).besideSettings(of: "base")
        let credentials = try document("[base]\nmfa_serial = own\nmfa_process = x\n", kind: .credentials)
            .besideSettings(of: "base")
        let joined = credentials.joined(with: config)
        #expect(joined.mfaSerial?.text == "own")
        #expect(joined.region?.text == "eu-west-1")
        #expect(joined.left.map(\.name) == ["mfa_process", "include_profile", "endpoint_url"])
    }
}
