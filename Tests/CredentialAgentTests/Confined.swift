import CProbe
import CredentialAgent
import CredentialVault
import DurableFiles
import Platform
import TestSupport
import Testing

/// The folders that an agent meets, each with something in it.
final class Folders: Sendable {
    private let scratch = Scratch()
    var root: String { scratch.path }

    init() throws {
        for folder in [
            "data", "state", "state/vaults", "state/sessions", "state/profiles", "state/agents", "run",
            "other",
        ] {
            try Directory.make(self(folder))
            close(unsafe creat(self(folder) + "/file", 0o600))
        }
    }

    func callAsFunction(_ name: String) -> String { scratch(name) }

    var location: VaultLocation { VaultLocation(path: self("data/vault"), stateDirectory: self("state")) }
}

func failure(_ result: Int32) -> Int32 { result < 0 ? errno : 0 }

/// The `errno` of an attempt to open a file, or 0.
func opens(_ path: String, _ flags: Int32) -> Int32 { unsafe probe_open(path, flags) }
