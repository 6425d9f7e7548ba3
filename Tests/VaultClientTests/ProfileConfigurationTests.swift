import AWSConfigFile
import AWSConfigGrammar
import CredentialVault
import ProgramSupport
import Testing

@testable import VaultClient

/// What `configure` writes, takes over, and takes away.
struct ProfileConfigurationTests {
    private let vault: MemoryVault

    init() throws {
        vault = try MemoryVault()
        var entry = Entry(name: "prod", accessKeyID: FakeIAM.first)
        entry.region = "eu-west-1"
        try vault.add(entry, secret: "made-up")
    }

    private func configuration(
        _ name: String = "prod", profile: String? = nil, region: String? = nil, kind: ConfigKind = .config,
        isForced: Bool = true, isDryRun: Bool = false
    ) -> ProfileConfiguration {
        ProfileConfiguration(
            name: name, profile: profile, region: region, output: nil, isAgentless: false, kind: kind,
            isForced: isForced, isDryRun: isDryRun)
    }

    private func write(_ configuration: ProfileConfiguration, _ home: TestFiles) throws {
        try configuration.write(in: home.files, for: vault, acceptingRollback: false)
    }

    private func remove(_ configuration: ProfileConfiguration, _ home: TestFiles) throws {
        try configuration.remove(from: home.files, vault.recorder)
    }

    @Test("the profile gets the entry's region, unless another one is given", arguments: [nil, "us-east-1"])
    func region(given: String?) throws {
        let home = try TestFiles()
        try write(configuration(profile: "p", region: given), home)
        let text = try #require(try home.text())
        #expect(text.contains("[profile p]\n"))
        #expect(text.contains("credential_process = \(TestFiles.helper) prod\n"))
        #expect(text.contains("region = \(given ?? "eu-west-1")\n"))
    }

    @Test("the other file gets no region")
    func credentialsFile() throws {
        let home = try TestFiles()
        try write(configuration(kind: .credentials), home)
        let text = try #require(try home.text(.credentials))
        #expect(text.contains("[prod]\n") && !text.contains("region"))
        #expect(try home.text() == nil)
    }

    @Test("a dry run and a no write nothing", arguments: [true, false])
    func nothing(isDryRun: Bool) throws {
        let home = try TestFiles()
        if isDryRun {
            try write(configuration(isDryRun: true), home)
        } else {
            vault.recorder.confirmations = [false]
            let failure = #expect(throws: Failure.self) { try write(configuration(isForced: false), home) }
            #expect(failure?.message == "not confirmed: nothing was changed")
        }
        #expect(try home.text() == nil && !vault.recorder.said("show").isEmpty)
    }

    @Test("--region and --output do not apply to a profile that assumes a role")
    func takeover() throws {
        let role = "role_arn = arn:aws:iam::123456789012:role/A\nsource_profile = base\n"
        let base =
            "[base]\naws_access_key_id = \(FakeIAM.id(1))\naws_secret_access_key = \(String(repeating: "s", count: 40))\n"
        let home = try TestFiles(config: "[profile a]\n\(role)", credentials: base)
        let failure = #expect(throws: Failure.self) {
            try write(configuration("a", region: "us-east-1"), home)
        }
        #expect(failure?.hint == "run 'sealring configure' again with them afterwards")
        try write(configuration("a"), home)
        #expect(try vault.entries().role("a") != nil)
    }

    @Test("of an entry that is not there, the file with its plaintext key is named")
    func missing() throws {
        #expect(throws: VaultError.self) { try write(configuration("none"), TestFiles()) }
        let key = "[none]\naws_access_key_id = \(FakeIAM.id(1))\naws_secret_access_key = made-up\n"
        let home = try TestFiles(credentials: key)
        let failure = #expect(throws: Failure.self) { try write(configuration("none"), home) }
        #expect(failure?.hint?.contains("sealring import \(home.files.credentials.path)") == true)
    }

    @Test("what was written is taken away, and the file is as before")
    func removal() throws {
        let before = "[default]\noutput = json\n"
        let home = try TestFiles(config: before)
        try write(configuration(), home)
        try remove(configuration(isDryRun: true), home)
        #expect(try home.text() != before)
        vault.recorder.confirmations = [true]
        try remove(configuration(isForced: false), home)
        #expect(try home.text() == before)
        #expect(vault.recorder.said("note").last == "removed the profile 'prod'")
    }

    @Test("a profile of the other file is named", arguments: [ConfigKind.config, .credentials])
    func otherFile(kind: ConfigKind) throws {
        let home = try TestFiles()
        try write(configuration(kind: kind), home)
        let other: ConfigKind = kind == .config ? .credentials : .config
        let failure = #expect(throws: Failure.self) { try remove(configuration(kind: other), home) }
        #expect(failure?.code == .missing)
        let option = kind == .config ? "remove --credentials-file" : "add --credentials-file"
        #expect(failure?.hint == "it is in \(home.files[kind].path): \(option)")
        let none = #expect(throws: Failure.self) { try remove(configuration("none", kind: other), home) }
        #expect(none?.hint == nil)
    }
}
