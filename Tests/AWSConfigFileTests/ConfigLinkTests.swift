import AWSConfigGrammar
import DurableFiles
import Platform
import Testing

@testable import AWSConfigFile

@Suite("Symbolic links to a file")
struct ConfigLinkTests {
    private let old = "[default]\nregion = x"

    private func target() throws -> ProfileName { try ProfileName("target") }

    @Test("links are followed and stay, in the file's place and above it")
    func symbolicLinks() throws {
        try withConfigFile(nil) { file, undo, directory in
            unsafe mkdir(directory + "/dotfiles", 0o700)
            unsafe mkdir(directory + "/home", 0o700)
            try write(old, to: directory + "/dotfiles/real")
            try #require(unsafe symlink("real", directory + "/dotfiles/config") == 0)
            try #require(unsafe symlink("../dotfiles", directory + "/home/.aws") == 0)
            let outcome = try file.configure(target(), settings(), undo: undo)
            #expect(outcome.path == directory + "/dotfiles/real")
            #expect(contents(of: directory + "/dotfiles/real")?.contains(helper) ?? false)
            var status = stat()
            #expect(
                unsafe lstat(directory + "/dotfiles/config", &status) == 0
                    && status.st_mode & S_IFMT == S_IFLNK)
            // The same file by its own path has the same record.
            let direct = ConfigFile(path: directory + "/dotfiles/real", kind: .config)
            #expect(try direct.unconfigure(target(), undo: undo).removal == .restored)
            #expect(contents(of: directory + "/dotfiles/real") == old)
        }
    }

    @Test("links that lead nowhere or round are refused")
    func badLinks() throws {
        try withConfigFile(old) { file, undo, directory in
            let dangling = directory + "/dangling"
            try #require(unsafe symlink("nothing", dangling) == 0)
            let link = ConfigFile(path: dangling, kind: .config)
            #expect(
                failure { _ = try link.configure(target(), settings(), undo: undo) }
                    == .danglingLink(path: dangling, target: directory + "/nothing"))
            let round = directory + "/round"
            try #require(unsafe symlink("round", round) == 0)
            let loop = ConfigFile(path: round, kind: .config)
            #expect(failure { _ = try loop.read() } == .tooManyLinks(path: round))
            #expect(
                failure { _ = try loop.configure(target(), settings(), undo: undo) }
                    == .tooManyLinks(path: round))
        }
    }

    @Test(
        "a link of another user is not followed",
        .enabled(if: geteuid() == 0, "only root can give a file away"))
    func foreignLink() throws {
        try withConfigFile(old) { file, undo, directory in
            let link = directory + "/link"
            try #require(unsafe symlink(file.path, link) == 0)
            try #require(unsafe lchown(link, 4321, 4321) == 0)
            let linked = ConfigFile(path: link, kind: .config)
            let expected = AWSConfigError.file(.foreignOwner(path: link, uid: 4321))
            #expect(failure { _ = try linked.configure(target(), settings(), undo: undo) } == expected)
            #expect(failure { _ = try linked.read() } == expected)
            #expect(contents(of: file.path) == old)
        }
    }
}
