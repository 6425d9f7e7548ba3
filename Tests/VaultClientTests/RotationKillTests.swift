import CredentialVault
import Testing

@testable import VaultClient

/// A rotation that is killed before or after anything that it does: the vault always serves a key that AWS accepts,
/// and it goes on or back to an end with one key.
struct RotationKillTests {
    static let plan = [
        "list", "save", "create", "save", "who is served", "who is other", "who is other", "save",
        "deactivate",
        "save", "delete", "save",
    ]
    static let kills = plan.indices.flatMap { place in [false, true].map { Kill(place + 1, $0) } }

    struct Kill: CustomTestStringConvertible, Sendable {
        let number: Int
        let isAfter: Bool
        init(_ number: Int, _ isAfter: Bool) { (self.number, self.isAfter) = (number, isAfter) }
        var testDescription: String {
            "\(isAfter ? "after" : "before") \(RotationKillTests.plan[number - 1]), \(number)"
        }
    }

    @Test("a rotation does these things, in this order")
    func order() throws {
        let scene = try RotationScene()
        try scene.run(.start)
        #expect(scene.world.actions == Self.plan)
        #expect(scene.isOver && scene.iam.accepts(.served) && scene.entry?.accessKeyID == FakeIAM.id(1))
        #expect(scene.iam.keys.count == 1)
    }

    @Test("a kill at any step locks nobody out", arguments: kills, [RotationGoal.resume, .rollBack])
    func once(_ kill: Kill, _ goal: RotationGoal) throws {
        let scene = try RotationScene()
        #expect(scene.isKilled(.start, at: kill.number, isAfter: kill.isAfter))
        #expect(scene.iam.accepts(.served))
        try end(scene, goal)
        // Once the old key is deleted there is no way back.
        let isDeleted = kill.number == 11 && kill.isAfter || kill.number == 12
        let isBegun = kill.number > 2 || kill.number == 2 && kill.isAfter
        let isNew = scene.entry?.accessKeyID != FakeIAM.first
        #expect(isNew == (isBegun && (goal == .resume || isDeleted)))
    }

    /// The way on or back may be killed as well, and then the other way taken.
    @Test("a second kill on the way on or back locks nobody out", arguments: kills)
    func twice(_ kill: Kill) throws {
        var count = 0
        for goal in [RotationGoal.resume, .rollBack] {
            for then in [RotationGoal.resume, .rollBack] {
                for isAfter in [false, true] {
                    for number in 1... {
                        let scene = try RotationScene()
                        #expect(scene.isKilled(.start, at: kill.number, isAfter: kill.isAfter))
                        let isKilled = scene.isKilled(goal, at: number, isAfter: isAfter)
                        #expect(scene.iam.accepts(.served), "\(goal), \(number), \(isAfter)")
                        try end(scene, then)
                        guard isKilled else { break }
                        count += 1
                    }
                }
            }
        }
        // Where nothing was under way any more there was nothing to kill.
        let isOpen =
            kill.number > 2 && !(kill.number == 12 && kill.isAfter) || kill.number == 2 && kill.isAfter
        #expect(count > 0 || !isOpen)
    }

    /// Goes on or back to the end.
    private func end(_ scene: RotationScene, _ goal: RotationGoal) throws {
        if !scene.isOver {
            do { try scene.run(goal) } catch {
                guard goal == .rollBack, !scene.isOver else { throw error }
                try scene.run(.resume)
            }
        }
        #expect(scene.isOver && scene.iam.accepts(.served))
        #expect(scene.iam.keys.count == 1)
    }

    @Test("what a stopped program says is which key is served, and how it goes on or back")
    func interruption() throws {
        let scene = try RotationScene.stopped(in: .switched)
        #expect(
            scene.recorder.interruption == """
                interrupted: prod serves \(FakeIAM.id(1))
                continue with 'sealring rotate prod --resume'
                undo it with 'sealring rotate prod --rollback'
                """)
        try scene.run(.resume)
        #expect(scene.recorder.interruption.hasSuffix("prod is not being rotated"))
    }

    @Test("a rotation lists the vault once, whatever it does")
    func listings() throws {
        let scene = try RotationScene()
        try scene.run(.start)
        #expect(scene.vault.listings == 1)
    }
}
