import AgentProtocol
import Platform
import SecureMemory
import TestSupport
import Testing

@testable import SealringCredentials

@Suite("What is looked up in a copied environment is what was copied")
struct EnvironmentCopyTests {
    private static func vault(_ copy: EnvironmentCopy) throws -> String? {
        var buffer = try AgentMessage.buffer()
        try buffer.appendVaultPathField(in: copy.source)
        return buffer.bytes.extracting(droppingFirst: 4).text()
    }

    private static let directory = {
        let path = unsafe getcwd(nil, 0)
        defer { unsafe free(path) }
        return unsafe path.map { unsafe String(cString: $0) } ?? ""
    }()

    @Test("the socket and the vault")
    func paths() throws {
        let home = EnvironmentCopy(vault: nil, ["HOME": "/h", "OTHER": "x"])
        #expect(try AgentAddress(in: home.source).path == "/h/.local/state/sealring/agent.sock")
        #expect(try Self.vault(home) == "/h/.local/share/sealring/vault")
        let named = EnvironmentCopy(
            vault: nil, ["HOME": "/h", "SEALRING_AGENT_SOCKET": "/s", "SEALRING_VAULT": "v"])
        #expect(try AgentAddress(in: named.source).path == "/s")
        #expect(try Self.vault(named) == Self.directory + "/v")
        let data = EnvironmentCopy(vault: nil, ["XDG_DATA_HOME": "/d", "SEALRING_VAULT": ""])
        #expect(try Self.vault(data) == "/d/sealring/vault")
        let given = EnvironmentCopy(vault: "/g", ["HOME": "/h", "SEALRING_VAULT": "/v"])
        #expect(try Self.vault(given) == "/g")
    }

    @Test("nothing is looked up elsewhere: not even in an empty copy")
    func empty() throws {
        let copy = EnvironmentCopy(vault: nil, [:])
        #expect(throws: AgentError.path(.noHome)) { try AgentAddress(in: copy.source) }
        #expect(throws: AgentError.path(.noHome)) { try Self.vault(copy) }
        // HOME is not the end of another name.
        let other = EnvironmentCopy(vault: nil, ["XDG_STATE_HOME": "/s"])
        #expect(throws: AgentError.path(.noHome)) { try AgentAddress(in: other.source) }
    }

    @Test("by default, what this process's environment says")
    func own() {
        let credentials = AgentCredentials(entry: "prod")
        let copied = EnvironmentBytes("PATH", in: credentials.environment.source)?.bytes.text()
        #expect(copied == environment("PATH"))
    }

    @Test("a program that is started gets what it may see of the copy")
    func passedOn() throws {
        let proxy: StaticString = "https_proxy="
        let copy = EnvironmentCopy(vault: nil, ["HOME": "/h", "https_proxy": "http://proxy:1"])
        var seen: [String] = []
        var words = CWords()
        copy.source.append(to: &words) { variable in
            seen.append(variable.text() ?? "")
            return variable.hasPrefix(proxy.rawSpan)
        }
        #expect(seen == ["HOME=/h", "https_proxy=http://proxy:1"])
        let pipe = try ChildProcess.Pipe()
        var child = try ChildProcess.start(
            CWords(["/usr/bin/env"]), environment: words,
            streams: ChildProcess.Streams(input: .null, output: .descriptor(pipe.writing), errors: .null))
        let ending = child.wait(milliseconds: 60_000)
        #expect(ending == .ended(code: 0))
        var output = [UInt8](repeating: 0, count: 1000)
        let count = unsafe read(pipe.reading, &output, output.count)
        #expect(String(decoding: output[..<max(count, 0)], as: UTF8.self) == "https_proxy=http://proxy:1\n")
    }

    @Test("the first trusted directory of PATH that has the program")
    func programs() throws {
        let scratch = Scratch()
        for (folder, mode) in [("open", 0o777), ("other", 0o700), ("first", 0o700), ("second", 0o700)] {
            try #require(unsafe mkdir(scratch(folder), 0o700) == 0)
            if folder != "other" { try scratch.put([], at: folder + "/program", mode: 0o700) }
            _ = unsafe chmod(scratch(folder), mode_t(mode))
        }
        let path = ["relative", "", scratch("open"), scratch("other"), scratch("first"), scratch("second")]
        let copy = EnvironmentCopy(vault: nil, ["PATH": path.joined(separator: ":")])
        #expect(ProgramDirectory.inPath("program", of: copy.source) == scratch("first"))
        #expect(ProgramDirectory.inPath("none", of: copy.source) == nil)
        let none = EnvironmentCopy(vault: nil, [:])
        #expect(ProgramDirectory.inPath("program", of: none.source) == nil)
    }
}
