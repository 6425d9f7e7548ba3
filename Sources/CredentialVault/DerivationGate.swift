import DurableFiles
import Platform
import SecureMemory
import VaultCrypto

/// Lets a few derivations of this user run at a time, and only where there is the memory.
///
/// Forty AWS clients without an agent must neither take 20 GiB nor be turned away: they take turns, in as many
/// places as the machine has processors, up to four.
struct DerivationGate {
    let location: VaultLocation
    /// Seconds to wait for a turn. The most patient AWS clients give up after 60.
    var timeout = 55.0
    var memory = AvailableMemory()
    var places = min(max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1), 4)

    init(_ location: VaultLocation) { self.location = location }

    /// What a process needs beside Argon2id's own memory.
    static let room = 16 << 20

    func run(
        _ cost: PasswordHash.Cost, _ derive: () throws(CryptoError) -> SecretBytes
    ) throws -> SecretBytes {
        let needed = Int(cost.memory) << 10
        // What can never fit is said before any wait.
        if let total = memory.total(), total.bytes < needed + Self.room {
            throw notEnough(needed, total)
        }
        let turn = try turn(needed)
        defer { extendLifetime(turn) }
        if let available = memory.available(), available.bytes < needed + Self.room {
            throw notEnough(needed, available)
        }
        return try derive()
    }

    /// Nil where there is no state directory to lock in: that never keeps anyone from their keys.
    private func turn(_ needed: Int) throws -> FileLock? {
        let directory: Directory
        do {
            try Directory.make(location.stateDirectory)
            directory = try Directory(location.stateDirectory)
        } catch { return nil }
        let deadline = MonotonicClock.seconds() + timeout
        var places = places
        repeat {
            var place = 0
            while place < places {
                do {
                    let lock = try FileLock(Self.name(of: place), in: directory, seconds: 0)
                    // Those in the places before this one may not have taken their memory yet.
                    if place == 0 || hasMemory(for: place + 1, needed) { return lock }
                    places = place
                } catch FileError.busy {
                    place += 1
                } catch { return nil }
            }
            usleep(20_000)
        } while MonotonicClock.seconds() < deadline
        throw VaultError(.noTurn(after: .seconds(Int(timeout))), path: location.path)
    }

    private static func name(of place: Int) -> String {
        place == 0 ? "derivation.lock" : "derivation-\(place + 1).lock"
    }

    private func hasMemory(for count: Int, _ needed: Int) -> Bool {
        guard let available = memory.available() else { return false }
        return available.bytes >= count * needed + Self.room
    }

    private func notEnough(_ needed: Int, _ figure: AvailableMemory.Figure) -> VaultError {
        VaultError(
            .notEnoughMemory(needed: needed + Self.room, available: figure.bytes, limit: figure.limit),
            path: location.path)
    }
}
