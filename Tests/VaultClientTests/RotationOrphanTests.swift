import CredentialVault
import Platform
import ProgramSupport
import Testing

@testable import VaultClient

/// A key that a request has made whose answer was lost.
struct RotationOrphanTests {
    /// A rotation whose request for a key was answered to nobody.
    private func orphaned() throws -> RotationScene {
        try RotationScene.stopped(at: "create", isAfter: true)
    }

    @Test("it is shown and asked about, and deleted on a yes", arguments: [RotationGoal.resume, .rollBack])
    func asked(_ goal: RotationGoal) throws {
        let scene = try orphaned()
        scene.recorder.confirmations = [true]
        try scene.run(goal, isForced: false)
        #expect(scene.recorder.questions == ["Delete it?"])
        #expect(
            scene.recorder.said("note").contains { $0.hasSuffix("whose answer was lost, and was never used") }
        )
        #expect(scene.iam.keys[FakeIAM.id(1)] == nil && scene.iam.accepts(.served) && scene.isOver)
    }

    @Test("it stays on a no, and where nobody can be asked")
    func declined() throws {
        let scene = try orphaned()
        scene.recorder.confirmations = [false]
        #expect(try scene.failure(.resume, isForced: false).message == "not confirmed: nothing was changed")
        #expect(try scene.failure(.resume, isForced: false).message.hasPrefix("no terminal"))
        #expect(scene.iam.keys.count == 2 && scene.entry?.rotation?.phase == .intended)
    }

    @Test("one that was used is somebody's, and not touched")
    func used() throws {
        let scene = try orphaned()
        scene.iam.keys[FakeIAM.id(1)]?.lastUsedAt = scene.recorder.now
        let failure = try scene.failure(.resume)
        #expect(failure.message.hasSuffix("or it was used: not deleted") && scene.iam.keys.count == 2)
        #expect(failure.hint?.hasSuffix("undo it with 'sealring rotate prod --rollback'") == true)
    }

    @Test("one of another time is somebody's too", arguments: [-61, 20 * 60 + 1] as [Int64])
    func strange(_ offset: Int64) throws {
        let scene = try orphaned()
        let begin = try #require(scene.entry?.rotation?.beganAt)
        scene.iam.keys[FakeIAM.id(1)]?.createdAt = begin + offset
        #expect(try scene.failure(.resume).message.hasSuffix("not deleted"))
        #expect(scene.iam.keys.count == 2 && !scene.world.actions.contains("last use"))
        scene.iam.keys[FakeIAM.id(1)]?.createdAt = begin + (offset < 0 ? offset + 1 : offset - 1)
        try scene.run(.resume)
        #expect(scene.isOver)
    }

    @Test("whether it was used must be known")
    func unknownUse() throws {
        let scene = try orphaned()
        scene.world.interference["last use"] = { throw FakeIAM.refusal("AccessDenied") }
        #expect(try scene.failure(.resume).message == "AWS says AccessDenied")
        #expect(scene.iam.keys.count == 2)
    }

    @Test("several are left alone")
    func several() throws {
        let scene = try orphaned()
        scene.iam.keys[FakeIAM.id(8)] = .init(createdAt: scene.recorder.now)
        #expect(try scene.failure(.resume).message.hasPrefix("several keys were created"))
        #expect(scene.iam.keys.count == 3)
    }

    @Test(
        "one may come up late: for 15 minutes by AWS's clock it is waited for",
        arguments: [0, 600] as [Int64])
    func late(_ skew: Int64) throws {
        let scene = try RotationScene.stopped(in: .intended)
        let begin = try #require(scene.entry?.rotation?.beganAt)
        scene.iam.skew = skew
        scene.recorder.now = begin + 15 * 60 - 1 - skew
        let failure = try scene.failure(.resume, isForced: false)
        #expect(failure.code == .busy && failure.hint?.contains(LocalTime.text(begin + 15 * 60)) == true)
        #expect(scene.iam.keys.count == 1)
        scene.recorder.now += 1
        try scene.run(.resume, isForced: false)
        #expect(scene.isOver && scene.iam.accepts(.served))
    }

    @Test("a second lost answer does not hide the first: the time begins anew")
    func second() throws {
        let scene = try RotationScene.stopped(in: .intended)
        scene.recorder.now += 3600
        scene.iam.skew = 30
        let first = try #require(scene.entry?.rotation?.beganAt)
        // Listed once, then saved, then asked for a key.
        #expect(scene.isKilled(.resume, at: 3, isAfter: true))
        #expect(scene.entry?.rotation?.beganAt == scene.recorder.now + 30 && first < scene.recorder.now)
        scene.recorder.confirmations = [true]
        try scene.run(.resume, isForced: false)
        #expect(scene.isOver && scene.iam.keys.count == 1 && scene.iam.accepts(.served))
    }
}
