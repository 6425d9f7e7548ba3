import AWSConfigFile
import AWSConfigGrammar
import CredentialVault
import ProgramSupport
import Testing

@testable import VaultClient

/// Which profiles are taken over together, as which roles, and which are refused.
struct RoleChainTests {
    private let vault: MemoryVault
    private static let arn = "arn:aws:iam::123456789012:role/Admin"
    private static let secretText = String(repeating: "s", count: 40)
    private static let key =
        "aws_access_key_id = \(FakeIAM.first)\naws_secret_access_key = \(secretText)\n"

    init() throws {
        vault = try MemoryVault()
        try vault.add(Entry(name: "prod", accessKeyID: FakeIAM.first), secret: Self.secretText)
    }

    private func chain(
        _ config: String, _ credentials: String = "", as name: String = "admin", of profile: String = "admin"
    ) throws -> RoleChain? {
        try RoleChain(
            profile, as: name, in: document(config), document(credentials, .credentials), vault)
    }

    private func refusal(
        _ config: String, _ credentials: String = "", as name: String = "admin",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Failure {
        do { _ = try chain(config, credentials, as: name) } catch {
            return try #require(error as? Failure, "\(error)", sourceLocation: sourceLocation)
        }
        throw Failure(.usage, "it was not refused")
    }

    private static func role(_ more: String = "", source: String = "prod") -> String {
        "[profile admin]\nrole_arn = \(arn)\nsource_profile = \(source)\n\(more)"
    }

    @Test("a profile without a role is none")
    func none() throws {
        #expect(try chain("[profile admin]\nregion = eu-west-1\n") == nil)
        #expect(try chain("", "[admin]\n\(Self.key)") == nil)
    }

    @Test("a role of a key in the vault, with all that the profile says of it")
    func settings() throws {
        let chain = try #require(
            try chain(
                Self.role(
                    """
                    mfa_serial = arn:aws:iam::123456789012:mfa/ann
                    external_id = abc
                    role_session_name = ann
                    region = eu-west-1
                    duration_seconds = 7200
                    output = json
                    """)))
        #expect(chain.base.name == "prod" && chain.baseEntry?.name == "prod" && chain.steps.count == 1)
        var role = Role(name: "admin", roleARN: Self.arn, source: "prod")
        role.mfaSerial = "arn:aws:iam::123456789012:mfa/ann"
        role.externalID = "abc"
        role.sessionName = "ann"
        role.region = "eu-west-1"
        role.sessionSeconds = 7200
        #expect(chain.steps[0].role == role && chain.steps[0].isNew)
    }

    @Test("a chain begins with the role next to the key, and lasts an hour at most from the second on")
    func chained() throws {
        let config =
            Self.role("duration_seconds = 43200\n", source: "base")
            + "[profile base]\nrole_arn = arn:aws:iam::123456789012:role/Base\nsource_profile = prod\nduration_seconds = 900\n"
        let chain = try #require(try chain(config))
        #expect(chain.steps.map(\.role.name) == ["base", "admin"])
        #expect(chain.steps.map(\.role.source) == ["prod", "base"])
        #expect(chain.steps.map(\.role.sessionSeconds) == [1800, 3600])
    }

    @Test("a plaintext key is found in either file, the credentials first, under a free name")
    func plaintext() throws {
        let other = Self.key.replacing(FakeIAM.first, with: FakeIAM.id(5))
        var found = try #require(try chain(Self.role(source: "raw"), "[raw]\n\(other)"))
        guard case .plaintext("raw", "raw", .credentials) = found.base else { throw World.Killed() }
        found = try #require(try chain(Self.role(source: "raw") + "[profile raw]\n\(other)"))
        guard case .plaintext("raw", "raw", .config) = found.base else { throw World.Killed() }
        // A name that is taken by another key, and one that is the role's.
        found = try #require(try chain(Self.role(), "[prod]\n\(other)"))
        #expect(found.base.name == "prod-credentials")
        found = try #require(try chain(Self.role(source: "admin"), "[admin]\n\(other)"))
        #expect(found.base.name == "admin-credentials")
        // The same key under the name that it has.
        found = try #require(try chain(Self.role(source: "raw"), "[raw]\n\(Self.key)"))
        #expect(found.base.name == "prod")
    }

    // MARK: refusals

    @Test("profiles that lead back to themselves")
    func loop() throws {
        let config = Self.role(source: "b") + "[profile b]\nrole_arn = \(Self.arn)\nsource_profile = admin\n"
        #expect(try refusal(config).message == "the source_profile settings form a loop: admin < b < admin")
    }

    @Test("more than eight, and not eight")
    func tooMany() throws {
        func config(_ count: Int) -> String {
            (1...count).map { number in
                let name = number == 1 ? "admin" : "p\(number)"
                let source = number == count ? "prod" : "p\(number + 1)"
                return "[profile \(name)]\nrole_arn = \(Self.arn)\(number)\nsource_profile = \(source)\n"
            }.joined()
        }
        #expect(try chain(config(8))?.steps.count == 8)
        #expect(try refusal(config(9)).message.hasPrefix("more than 8 profiles"))
    }

    @Test("a source without a key, with the comment that the AWS CLI takes for a part of it")
    func missing() throws {
        let failure = try refusal(Self.role(source: "nobody"))
        #expect(
            failure.code == .missing
                && failure.message.contains("'nobody', the source_profile of 'admin' (line 3)"))
        #expect(failure.hint?.contains("--name nobody") == true)
        #expect(try refusal(Self.role(source: "prod # mine")).hint == "put the comment on a line of its own")
    }

    @Test("half a plaintext key")
    func half() throws {
        let failure = try refusal(Self.role(source: "raw"), "[raw]\naws_access_key_id = \(FakeIAM.first)\n")
        #expect(failure.message == "the plaintext key of 'raw' is incomplete")
    }

    @Test("a name that is taken by a key, by another role, or by the role's own key")
    func taken() throws {
        #expect(try refusal(Self.role(), as: "prod").message.hasSuffix("'prod' is a key in the vault"))
        let other = Self.key.replacing(FakeIAM.first, with: FakeIAM.id(5))
        #expect(
            try refusal(Self.role(source: "raw"), "[raw]\n\(other)", as: "raw").message.hasSuffix(
                "'raw' is a key in the vault"))
        try vault.add(Role(name: "admin", roleARN: Self.arn + "Other", source: "prod"))
        #expect(try refusal(Self.role()).message.hasSuffix("'admin' is another role in the vault"))
    }

    @Test("the role is there already: the same one is used, one with other settings refused")
    func known() throws {
        var role = Role(name: "admin", roleARN: Self.arn, source: "prod")
        role.region = "eu-west-1"
        try vault.add(role)
        let chain = try #require(try chain(Self.role()))
        #expect(!chain.steps[0].isNew && chain.steps[0].role.region == "eu-west-1")
        let failure = try refusal(Self.role("region = us-east-1\nexternal_id = abc\n"))
        #expect(
            failure.message.contains("has another external_id, region than the profile 'admin' (line 2)"))
    }

    @Test(
        "a value that the vault does not take, with its profile, setting and line",
        arguments: [
            "mfa_serial = nonsense", "external_id = a b", "role_session_name = ?", "region = moon base",
            "duration_seconds = long", "ca_bundle = /made-up/no.pem",
        ])
    func value(_ line: String) throws {
        let name = line.prefix { $0 != " " }
        let failure = try refusal(Self.role("\(line)\n"))
        #expect(failure.message.hasPrefix("profile 'admin', \(name) (line 4): "))
        #expect(try refusal(Self.role("\(line) ; why\n")).hint == "put the comment on a line of its own")
    }

    @Test("a role that is none")
    func arn() throws {
        let failure = try refusal(
            "[profile admin]\nrole_arn = arn:aws:iam::1:user/x\nsource_profile = prod\n")
        #expect(failure.message.hasPrefix("profile 'admin', role_arn (line 2): "))
    }

    @Test("a role with settings in the credentials file, with the commands that do it by hand")
    func credentialsFile() throws {
        let failure = try refusal(
            "[profile admin]\nsource_profile = prod\n", "[admin]\nrole_arn = \(Self.arn)\n")
        #expect(
            failure.message.contains("with settings in the credentials file, which Sealring does not rewrite")
        )
        let hint = try #require(failure.hint)
        #expect(
            hint.hasPrefix(
                "run 'sealring role add admin --role-arn \(Self.arn) --source prod --no-configure'; delete "))
        #expect(hint.hasSuffix("; run 'sealring configure admin'"))
    }
}
