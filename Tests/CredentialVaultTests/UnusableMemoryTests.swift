import AWSValues
import DurableFiles
import Platform
import SecureMemory
import TestSupport
import Testing

@testable import CredentialVault

/// A memory that cannot be used is not the same as none: whoever can damage it must not get an old copy of the
/// vault written.
@Suite("A memory of old states that cannot be used")
struct UnusableMemoryTests {
    let scratch = Scratch()

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let reason: UnusableMemory.Reason
        /// What is named, below the state directory.
        let path: String
        /// Whether a save puts it right.
        var isRepaired = true
        let damage: @Sendable (_ state: String, _ file: String) -> Void
    }

    static let cases: [Case] = [
        Case(testDescription: "a flipped bit", reason: .damaged, path: "FILE") { _, file in
            let descriptor = unsafe open(file, O_WRONLY)
            var byte: UInt8 = 0xFF
            _ = unsafe pwrite(descriptor, &byte, 1, 50)
            close(descriptor)
        },
        Case(testDescription: "an empty file", reason: .damaged, path: "FILE") { _, file in
            _ = unsafe truncate(file, 0)
        },
        Case(testDescription: "a longer file", reason: .damaged, path: "FILE") { _, file in
            _ = unsafe truncate(file, 117)
        },
        Case(testDescription: "a sparse file of nearly 2^63 bytes", reason: .damaged, path: "FILE") {
            _, file in
            _ = unsafe truncate(file, 8 << 40)
        },
        Case(testDescription: "a file that others write", reason: .writableByOthers, path: "FILE") {
            _, file in
            _ = unsafe chmod(file, 0o622)
        },
        Case(testDescription: "a symbolic link", reason: .wrongKind, path: "FILE") { _, file in
            _ = unsafe rename(file, file + ".moved")
            _ = unsafe symlink(file + ".moved", file)
        },
        Case(testDescription: "a FIFO", reason: .wrongKind, path: "FILE") { _, file in
            _ = unsafe unlink(file)
            _ = unsafe mkfifo(file, 0o600)
        },
        Case(
            testDescription: "a directory in its place", reason: .wrongKind, path: "FILE", isRepaired: false
        ) { _, file in
            _ = unsafe unlink(file)
            _ = unsafe mkdir(file, 0o700)
        },
        Case(
            testDescription: "a directory that others write", reason: .writableByOthers, path: "vaults",
            isRepaired: false
        ) { state, _ in
            _ = unsafe chmod(state + "/vaults", 0o777)
        },
        Case(
            testDescription: "a state directory that others write", reason: .writableByOthers, path: "",
            isRepaired: false
        ) { state, _ in
            _ = unsafe chmod(state, 0o720)
        },
        Case(
            testDescription: "a file in place of the directory", reason: .wrongKind, path: "vaults",
            isRepaired: false
        ) { state, _ in
            _ = unsafe rename(state + "/vaults", state + "/moved")
            close(unsafe creat(state + "/vaults", 0o600))
        },
    ]

    @Test("it warns and refuses a write; what is accepted is written and remembered", arguments: cases)
    func unusable(given: Case) throws {
        try scratch.seal()
        let old = try scratch.read()
        var vault = try scratch.open()
        try vault.update { try $0.addKey("one") }
        let state = scratch.location.stateDirectory
        let name = Hex.text(vault.vaultID.span)
        given.damage(state, state + "/vaults/" + name)
        // An older copy stands there now, which only the memory could tell.
        try scratch.write(old)

        let path =
            state + (given.path.isEmpty ? "" : "/") + given.path.replacing("FILE", with: "vaults/" + name)
        let unverified = Freshness.unverified(UnusableMemory(path: path, reason: given.reason))
        #expect(try SealedVault.read(scratch.location).apparentFreshness == unverified)
        var opened = try scratch.open()
        #expect(opened.freshness == unverified)
        #expect(reason { try opened.update { try $0.addKey("two") } } == .notSuccessor(unverified))
        #expect(
            reason { try opened.rekey(passphrase: secret("x"), cost: .cheapest, recoveryCode: nil) }
                == .notSuccessor(unverified))
        let keyed = try keyed(opened)
        #expect(keyed.freshness == unverified)
        #expect(
            reason { _ = try keyed.image(applying: VaultChanges(), acceptingRollback: false) }
                == .notSuccessor(unverified))
        #expect(try scratch.read() == old)

        try opened.update(acceptingRollback: true) { try $0.addKey("two") }
        #expect((opened.unremembered == nil) == given.isRepaired)
        #expect(try (scratch.open().freshness == .current) == given.isRepaired)
    }

    @Test("what a process saw itself counts where the memory cannot be used", arguments: [true, false])
    func ownMemory(isDamaged: Bool) throws {
        try scratch.seal()
        let old = try scratch.read()
        var vault = try scratch.open()
        var keyed = try keyed(vault)
        try vault.update { try $0.addKey("one") }
        try keyed.refresh()
        let name = "state/vaults/" + Hex.text(vault.vaultID.span)
        if isDamaged {
            try scratch.write([1], to: name)
        } else {
            try #require(unsafe unlink(scratch(name)) == 0)
        }
        try scratch.write(old)
        try keyed.refresh()
        #expect(keyed.freshness == .rollback(seen: 2, found: 1))
    }

    @Test("a revocation that the machine saw is told before a rollback that the process saw")
    func revokedFirst() throws {
        try scratch.seal()
        let old = try scratch.read()
        var vault = try scratch.open()
        try vault.update { try $0.addKey("one") }
        var keyed = try keyed(vault)
        let key = try vault.withVaultKey { try $0.copy(0..<32) }
        try vault.rekey(passphrase: secret("new"), cost: .cheapest, recoveryCode: nil)
        try scratch.write(old)
        #expect(reason { try keyed.refresh() } == .revoked)
        #expect(reason { _ = try KeyedVault(scratch.location, vaultKey: key.copy(0..<32)) } == .revoked)
    }

    @Test(
        "a state directory that cannot be written never stops a read, and a save says that it is not remembered"
    )
    func readOnly() throws {
        try scratch.seal()
        var vault = try scratch.open()
        // In its place is a link that leads nowhere, which not even root can make a directory of.
        let state = scratch.location.stateDirectory
        try #require(unsafe rename(state, state + ".moved") == 0)
        try #require(unsafe symlink("/nonexistent/state", state) == 0)
        let opened = try scratch.open()
        #expect(opened.freshness == .current, "there is none")
        try vault.update { try $0.addKey("one") }
        #expect(vault.unremembered != nil)
        #expect(try scratch.open().contents.names == ["one"])
    }

    @Test("a client of the agent remembers what it wrote, and says what keeps it from that")
    func client() throws {
        try scratch.seal()
        let old = try scratch.read()
        let keyed = try keyed(scratch.open())
        var changes = try VaultChanges()
        try changes.add(
            Entry(name: "one", accessKeyID: "AKIAIOSFODNN7EXAMPLE"), secretAccessKey: secret("a"),
            sessionToken: nil)
        let image = try keyed.image(applying: changes, acceptingRollback: false)
        try #require(VaultWriter(scratch.location).publish(image, after: keyed.headerMAC) == nil)
        try scratch.write(old)
        #expect(try scratch.open().freshness == .rollback(seen: 2, found: 1))
        try #require(unsafe chmod(scratch.location.stateDirectory, 0o777) == 0)
        let unremembered = try VaultWriter(scratch.location).publish(image, after: keyed.headerMAC)
        #expect(
            unremembered
                == .writableByOthers(path: scratch.location.stateDirectory, mode: 0o777))
    }
}

/// The vault as the agent holds it.
private func keyed(_ vault: borrowing Vault) throws -> KeyedVault {
    try KeyedVault(vault.location, vaultKey: vault.withVaultKey { try $0.copy(0..<$0.count) })
}
