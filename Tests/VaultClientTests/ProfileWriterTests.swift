import AWSConfigFile
import AWSConfigGrammar
import ProgramSupport
import Testing

@testable import VaultClient

/// A profile is shown first, asked about, and written as shown.
struct ProfileWriterTests {
    private let recorder = Recorder()

    private func writer(
        _ home: TestFiles, profile: String = "prod", isForced: Bool = false, isAgentless: Bool = false
    ) throws -> ProfileWriter {
        try ProfileWriter(
            entry: "prod", profile: profile, region: "eu-west-1", output: nil, isForced: isForced,
            isAgentless: isAgentless, of: home.files, recorder)
    }

    @Test("given, it is written, and is there already the next time")
    func given() throws {
        let home = try TestFiles(config: "[default]\nregion = us-east-1\n")
        #expect(try writer(home).write(.given))
        let text = try #require(try home.text())
        #expect(text.hasPrefix("[default]\nregion = us-east-1\n"))
        #expect(
            text.contains("[profile prod]\ncredential_process = \(TestFiles.helper) prod\nregion = eu-west-1")
        )
        #expect(try writer(home).write(.asked), "nobody is asked where nothing is to be written")
        #expect(recorder.said("note").last == "the profile 'prod' is already configured")
    }

    @Test("asked, it is written on a yes only", arguments: [true, false])
    func asked(_ answer: Bool) throws {
        let home = try TestFiles()
        recorder.confirmations = [answer]
        #expect(try writer(home).write(.asked) == answer)
        #expect(recorder.questions == ["Write this into \(home.files.config.path)?"])
        #expect(try (home.text() != nil) == answer)
        #expect(recorder.said("show").contains("+credential_process = \(TestFiles.helper) prod"))
    }

    @Test("where nobody can be asked it is an error, and a preview is none")
    func nobody() throws {
        let home = try TestFiles()
        #expect(throws: Failure.self) { try writer(home).write(.asked) }
        #expect(try !writer(home).write(.dryRun))
        #expect(try home.text() == nil)
    }

    @Test("without an agent the profile names the program that derives the key")
    func agentless() throws {
        let home = try TestFiles()
        #expect(try writer(home, isAgentless: true).write(.given))
        #expect(try home.text()?.contains("/usr/local/bin/sealring credential-process prod") == true)
    }

    @Test("another program's command is replaced by force only")
    func foreign() throws {
        let home = try TestFiles(config: "[profile prod]\ncredential_process = other\n")
        let error = #expect(throws: Failure.self) { try writer(home).write(.given) }
        #expect(error?.code == .exists)
        #expect(try writer(home, isForced: true).write(.given))
        let text = try #require(try home.text())
        #expect(text.contains("\ncredential_process = \(TestFiles.helper) prod\n# "))
        #expect(text.contains("replaced: credential_process = other\n"))
    }

    @Test("beside a plaintext key it is not written, and is previewed as without it")
    func ownKey() throws {
        let home = try TestFiles(
            config: "[profile prod]\naws_access_key_id = \(FakeIAM.first)\naws_secret_access_key = made-up\n")
        let writer = try writer(home)
        #expect(writer.hasOwnKeys)
        #expect(throws: Failure.self) { try writer.write(.given) }
        let preview = try #require(try writer.previewWithoutOwnKeys())
        #expect(preview.diff.contains { $0.kind == .added && $0.text.hasPrefix("credential_process") })
        #expect(try home.text()?.contains("made-up") == true)
    }

    @Test("a profile name that some clients do not read is warned of")
    func unreadName() throws {
        let files = try TestFiles()
        _ = try writer(files, profile: "a/b").write(.given)
        // Its directory goes with it, and would be made again by what is written later.
        extendLifetime(files)
        #expect(recorder.said("warning").contains { $0.contains("do not find a profile whose name has '/'") })
    }

    @Test("the command that writes a profile names it where it is not the entry's")
    func command() {
        #expect(ProfileWriter.command(entry: "prod", profile: "prod") == "sealring configure prod")
        #expect(
            ProfileWriter.command(entry: "prod", profile: "dev") == "sealring configure prod --profile dev")
        #expect(
            ProfileWriter.command(entry: "prod", profile: "a ] b") == "sealring configure prod --profile NAME"
        )
    }
}
