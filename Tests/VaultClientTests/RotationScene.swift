import CredentialVault
import ProgramSupport
import Testing

@testable import VaultClient

/// A vault with one key, and the user of AWS that it belongs to.
final class RotationScene {
    let world = World()
    let vault: MemoryVault
    let iam: FakeIAM

    var entry: Entry? { vault["prod"] }
    var recorder: Recorder { vault.recorder }

    init() throws {
        vault = try MemoryVault(world)
        iam = try FakeIAM(vault)
        var entry = Entry(name: "prod", accessKeyID: FakeIAM.first)
        entry.accountID = "123456789012"
        try vault.add(entry, secret: FakeIAM.secret(of: FakeIAM.first))
    }

    func run(
        _ goal: RotationGoal, isForced: Bool = true, keepingOld: String? = nil, settling: String = "0s",
        name: String? = "prod", olderThan: String? = nil
    ) throws {
        let request = try RotationRequest(
            goal, of: name, olderThan: olderThan, settling: settling, keepingOld: keepingOld,
            isForced: isForced)
        try Rotations(request, in: vault, acceptsRollback: false) { entry in
            if entry.name == "prod" { return self.iam }
            return OtherUser()
        }.run()
    }

    /// What ends the run.
    func failure(
        _ goal: RotationGoal, isForced: Bool = true, settling: String = "0s",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Failure {
        do {
            try run(goal, isForced: isForced, settling: settling)
        } catch {
            return try #require(Failure.of(error), "\(error)", sourceLocation: sourceLocation)
        }
        throw Failure(.usage, "it did not end with a failure")
    }

    /// Whether the process was killed.
    func isKilled(_ goal: RotationGoal, at number: Int, isAfter: Bool) -> Bool {
        world.revive(kill: (number, isAfter))
        try? run(goal)
        let isKilled = world.isDead
        world.revive()
        return isKilled
    }

    /// Brings a rotation to where a process was killed.
    static func stopped(at action: String, isAfter: Bool) throws -> RotationScene {
        let plan = try RotationScene()
        try plan.run(.start)
        let number = try #require(plan.world.actions.firstIndex(of: action)) + 1
        let scene = try RotationScene()
        #expect(scene.isKilled(.start, at: number, isAfter: isAfter))
        return scene
    }

    static func stopped(in phase: Rotation.Phase) throws -> RotationScene {
        switch phase {
        case .intended: return try stopped(at: "create", isAfter: false)
        case .created: return try stopped(at: "who is served", isAfter: false)
        case .switched: return try stopped(at: "deactivate", isAfter: false)
        case .deactivated: return try stopped(at: "delete", isAfter: false)
        case .abandoned, .later:
            let scene = try stopped(at: "who is served", isAfter: false)
            try scene.vault.change("prod") { $0.rotation?.phase = phase }
            return scene
        }
    }

    var isOver: Bool { entry?.rotation == nil }
}

/// A user of whom AWS answers nothing.
private struct OtherUser: UserKeys {
    var now: Int64 { 1_700_000_000 }
    private var failure: Failure { Failure(.unavailable, "AWS is not there") }
    func list() throws -> [UserKey] { throw failure }
    func lastUse(of id: String) throws -> Int64? { throw failure }
    func create() throws -> NewUserKey { throw failure }
    func activate(_ id: String) throws -> Bool { throw failure }
    func deactivate(_ id: String) throws { throw failure }
    func delete(_ id: String, isOld: Bool) throws { throw failure }
    func deleteNew(_ id: String) throws { throw failure }
    func owner(of key: SealedKey) throws -> String? { throw failure }
    func awaitedOwner(of key: SealedKey) throws -> String { throw failure }
}
