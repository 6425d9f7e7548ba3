import CredentialVault
import TestSupport

extension Scratch {
    /// Where the test's vault lies.
    var location: VaultLocation { VaultLocation(path: path + "/vault", stateDirectory: path + "/state") }

    /// The names in the directory but that of the state, sorted.
    func names() throws -> [String] { try entries().filter { $0 != "state" } }

    func read(_ name: String = "vault") throws -> [UInt8] { try bytes(of: name) }

    func write(_ bytes: [UInt8], to name: String = "vault") throws { try put(bytes, at: name) }
}
