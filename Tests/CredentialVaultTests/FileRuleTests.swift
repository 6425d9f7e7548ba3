import DurableFiles
import Platform
import TestSupport
import Testing

@testable import CredentialVault

/// Who may be owner of the file, and what it may be.
@Suite("The vault as a file")
struct FileRuleTests {
    let scratch = Scratch()

    @Test("everything that is made is closed to others")
    func permissions() throws {
        let location = VaultLocation(path: scratch("a/b/vault"), stateDirectory: scratch("c/state"))
        var vault = try Vault.create(
            at: location, passphrase: secret("any"), cost: .cheapest, recoveryCode: code())
        try vault.update { try $0.addKey("new") }
        for directory in ["a", "a/b", "c", "c/state", "c/state/vaults"] {
            #expect(scratch.permissions(directory) == 0o700, "\(directory)")
        }
        let files = try ["a/b", "c/state", "c/state/vaults"].flatMap { directory in
            try Directory(scratch(directory)).names().map { directory + "/" + $0 }
        }
        #expect(
            Set(files).isSuperset(of: [
                "a/b/vault", "a/b/vault.prev", "a/b/vault.lock", "c/state/derivation.lock",
            ]))
        for file in files where file != "c/state/vaults" {
            #expect(scratch.permissions(file) == 0o600, "\(file)")
        }
    }

    @Test(
        "a file that others may read is narrowed, and tells so",
        arguments: [0o640, 0o604, 0o644, 0o444, 0o601])
    func narrowed(mode: UInt32) throws {
        try scratch.seal()
        try #require(unsafe chmod(scratch("vault"), mode) == 0)
        let sealed = try SealedVault.read(scratch.location)
        #expect(sealed.narrowedPermissions == mode)
        #expect(scratch.permissions("vault") == 0o600)
        #expect(try SealedVault.read(scratch.location).narrowedPermissions == nil)
    }

    @Test("a file that others may write is refused and left as it is", arguments: [0o620, 0o602, 0o666])
    func writable(mode: UInt32) throws {
        try scratch.seal()
        var vault = try scratch.open()
        try #require(unsafe chmod(scratch("vault"), mode) == 0)
        let expected = FileError.writableByOthers(path: scratch("vault"), mode: mode)
        #expect(fileError { _ = try scratch.open() } == expected)
        #expect(fileError { try vault.update { try $0.addKey("new") } } == expected)
        #expect(scratch.permissions("vault") == mode)
    }

    @Test("a symbolic link is refused with its target, by readers, writers and creation")
    func link() throws {
        try scratch.seal()
        var vault = try scratch.open()
        try #require(unsafe rename(scratch("vault"), scratch("elsewhere")) == 0)
        try #require(unsafe symlink("elsewhere", scratch("vault")) == 0)
        let before = try scratch.read("elsewhere")
        let expected = FileError.symbolicLink(path: scratch("vault"), target: "elsewhere")
        #expect(fileError { _ = try scratch.open() } == expected)
        #expect(fileError { try vault.update { try $0.addKey("new") } } == expected)
        #expect(reason { try create() } == .exists)
        #expect(try scratch.read("elsewhere") == before)
        try #require(unsafe unlink(scratch("elsewhere")) == 0)
        #expect(reason { try create() } == .exists)
    }

    @Test("a FIFO, a directory, a socket and a device are refused without waiting")
    func notRegular() throws {
        try #require(unsafe mkfifo(scratch("vault"), 0o600) == 0)
        try refused("a FIFO")
        try #require(unsafe unlink(scratch("vault")) == 0)
        try #require(unsafe mkdir(scratch("vault"), 0o700) == 0)
        try refused("a directory")
        try #require(unsafe rmdir(scratch("vault")) == 0)
        let device = VaultLocation(path: "/dev/null", stateDirectory: scratch("state"))
        let expected = FileError.notRegular(path: "/dev/null", found: "a device")
        #expect(fileError { _ = try SealedVault.read(device) } == expected)
    }

    @Test("a file of another user is refused", .enabled(if: geteuid() == 0, "only root can give a file away"))
    func foreign() throws {
        try scratch.seal()
        var vault = try scratch.open()
        try #require(unsafe chown(scratch("vault"), 12_345, 12_345) == 0)
        let expected = FileError.foreignOwner(path: scratch("vault"), uid: 12_345)
        #expect(fileError { _ = try scratch.open() } == expected)
        #expect(fileError { try vault.update { try $0.addKey("new") } } == expected)
    }

    @Test("a directory that others may write is not written to", arguments: [0o770, 0o707, 0o777])
    func openDirectory(mode: UInt32) throws {
        try scratch.seal()
        var vault = try scratch.open()
        let before = try scratch.read()
        try #require(unsafe chmod(scratch.path, mode) == 0)
        let expected = FileError.writableByOthers(path: scratch.path, mode: mode)
        #expect(fileError { try vault.update { try $0.addKey("new") } } == expected)
        #expect(fileError { try create() } == expected)
        #expect(try scratch.read() == before)
        #expect(try scratch.names() == ["vault"])
        _ = try scratch.open()
    }

    @Test(
        "a directory of another user is not written to",
        .enabled(if: geteuid() == 0, "only root can give a directory away"))
    func foreignDirectory() throws {
        try scratch.seal()
        var vault = try scratch.open()
        try #require(unsafe chown(scratch.path, 12_345, 12_345) == 0)
        let expected = FileError.foreignOwner(path: scratch.path, uid: 12_345)
        #expect(fileError { try vault.update { try $0.addKey("new") } } == expected)
    }

    @Test("a vault beside the working directory, and one at the root, have their names")
    func names() {
        let plain = VaultLocation(path: "vault", stateDirectory: "state")
        #expect(plain.directory == "." && plain.name == "vault")
        let root = VaultLocation(path: "/vault", stateDirectory: "state")
        #expect(root.directory == "/" && root.name == "vault")
        let deep = VaultLocation(path: "a/b/v", stateDirectory: "state")
        #expect(deep.directory == "a/b" && deep.name == "v")
        #expect(deep.previousName == "v.prev" && deep.lockName == "v.lock")
    }

    private func refused(_ kind: String) throws {
        let expected = FileError.notRegular(path: scratch("vault"), found: kind)
        #expect(fileError { _ = try SealedVault.read(scratch.location) } == expected)
        #expect(reason { try create() } == .exists)
    }

    private func create() throws {
        _ = try Vault.create(at: scratch.location, passphrase: secret("any"), cost: .cheapest)
    }
}
