import CredentialVault
import ProgramSupport
import Testing

@testable import VaultClient

/// The way on to the new key and back to the old one, when something or somebody comes between.
struct RotationWayTests {
    @Test("the new key is checked twice, with the time between")
    func settling() throws {
        let scene = try RotationScene()
        try scene.run(.start, settling: "10s")
        #expect(scene.recorder.slept == 10)
        #expect(scene.world.actions.count { $0 == "who is other" } == 2)
    }

    @Test("a key of another user is not served")
    func foreign() throws {
        let scene = try RotationScene.stopped(in: .created)
        scene.iam.foreign[FakeIAM.id(1)] = "arn:aws:iam::210987654321:user/other"
        let failure = try scene.failure(.resume)
        #expect(failure.message.contains("another user, arn:aws:iam::210987654321:user/other"))
        #expect(scene.entry?.accessKeyID == FakeIAM.first)
    }

    @Test("where AWS has ended the old key, the account is compared", arguments: [true, false])
    func endedOld(_ isSame: Bool) throws {
        let scene = try RotationScene.stopped(in: .created)
        scene.iam.keys[FakeIAM.first] = nil
        scene.iam.arn = "arn:aws:iam::\(isSame ? "123456789012" : "210987654321"):user/renamed"
        guard isSame else {
            #expect(try scene.failure(.resume).message.contains("belongs to another user"))
            return
        }
        try scene.run(.resume)
        #expect(scene.recorder.said("warning") == ["AWS no longer accepts \(FakeIAM.first)"])
        #expect(scene.isOver && scene.iam.accepts(.served) && scene.entry?.accessKeyID == FakeIAM.id(1))
    }

    @Test("and then there is no way back, nor anything to forget")
    func noWayBack() throws {
        let scene = try RotationScene.stopped(in: .created)
        scene.iam.keys[FakeIAM.first]?.isActive = false
        #expect(try scene.failure(.rollBack).message.hasSuffix("the rotation cannot be undone"))
        let failure = try scene.failure(.forget)
        #expect(failure.hint == "serve it with 'sealring rotate prod --resume'")
        #expect(scene.entry?.rotation?.phase == .created)
    }

    @Test("a deleted key brings nobody back")
    func deleted() throws {
        let scene = try RotationScene.stopped(at: "delete", isAfter: true)
        let failure = try scene.failure(.rollBack)
        #expect(failure.message == "\(FakeIAM.first) is deleted: the rotation cannot be undone")
        #expect(failure.hint?.hasSuffix("'sealring rotate prod --resume'") == true)
    }

    @Test("who may not change keys goes back to one that was not changed")
    func denied() throws {
        let scene = try RotationScene.stopped(in: .switched)
        scene.world.interference["activate"] = { throw FakeIAM.refusal("AccessDenied") }
        try scene.run(.rollBack)
        #expect(scene.isOver && scene.entry?.accessKeyID == FakeIAM.first && scene.iam.accepts(.served))
    }

    @Test("but not to one that is inactive", arguments: [Rotation.Phase.switched, .deactivated])
    func deniedInactive(_ phase: Rotation.Phase) throws {
        let scene = try RotationScene.stopped(in: phase)
        scene.iam.keys[FakeIAM.first]?.isActive = false
        scene.world.interference["activate"] = { throw FakeIAM.refusal("AccessDenied") }
        #expect(try scene.failure(.rollBack).message == "AWS says AccessDenied")
        #expect(scene.entry?.rotation?.phase == phase && scene.iam.accepts(.served))
    }

    @Test("where AWS has ended the new key, the old one comes back if it is accepted")
    func endedNew() throws {
        let scene = try RotationScene.stopped(in: .switched)
        scene.iam.keys[FakeIAM.id(1)]?.isActive = false
        try scene.run(.rollBack)
        #expect(scene.isOver && scene.entry?.accessKeyID == FakeIAM.first && scene.iam.accepts(.served))
        let lost = try RotationScene.stopped(in: .deactivated)
        lost.iam.keys[FakeIAM.id(1)]?.isActive = false
        let failure = try lost.failure(.rollBack)
        #expect(failure.message == "AWS accepts neither \(FakeIAM.id(1)) nor \(FakeIAM.first)")
        #expect(failure.hint?.contains("--forget") == true)
    }

    @Test(
        "a way back whose key has ended turns round, and deletes nothing unasked", arguments: [true, false])
    func turned(_ isForced: Bool) throws {
        let scene = try RotationScene.stopped(in: .abandoned)
        scene.iam.keys[FakeIAM.first]?.isActive = false
        // Nothing can be signed with the ended key: the new one is served first.
        try scene.run(.rollBack, isForced: isForced, settling: "10s")
        #expect(scene.recorder.slept == 20, "the old key is asked about twice, and the new one")
        #expect(scene.recorder.said("warning").first?.hasSuffix("switching prod to \(FakeIAM.id(1))") == true)
        #expect(scene.entry?.accessKeyID == FakeIAM.id(1) && scene.iam.accepts(.served))
        #expect(scene.isOver == isForced)
        #expect(
            scene.recorder.said("hint") == (isForced ? [] : ["'sealring rotate prod --resume' deletes it"]))
    }

    @Test("a key that AWS does not know for a moment is not given up")
    func forAMoment() throws {
        let scene = try RotationScene.stopped(in: .abandoned)
        scene.iam.keys[FakeIAM.first]?.isActive = false
        scene.recorder.whileAsleep = { scene.iam.keys[FakeIAM.first]?.isActive = true }
        try scene.run(.resume, settling: "1s")
        #expect(scene.isOver && scene.entry?.accessKeyID == FakeIAM.first && scene.iam.accepts(.served))
    }

    // MARK: the time of the old key

    @Test("the old key is kept for the time that was said, whenever it was")
    func kept() throws {
        let scene = try RotationScene()
        try scene.run(.start, keepingOld: "1d")
        #expect(scene.entry?.rotation?.phase == .deactivated && scene.iam.keys.count == 2)
        #expect(scene.entry?.rotation?.deleteAfter == scene.recorder.now + 86_400)
        try scene.run(.resume, isForced: false)
        #expect(scene.iam.keys.count == 2, "its time is not over")
        scene.recorder.now += 86_400
        try scene.run(.resume, isForced: false)
        #expect(scene.isOver && scene.iam.keys.count == 1)
    }

    @Test("what was said when it began outlasts a kill in each phase")
    func outlasts() throws {
        for number in 3...9 {
            let scene = try RotationScene()
            scene.world.revive(kill: (number, true))
            try? scene.run(.start, keepingOld: "1d")
            scene.world.revive()
            scene.recorder.now += 100
            try scene.run(.resume)
            #expect(scene.entry?.rotation?.deleteAfter == scene.recorder.now + 86_400, "\(number)")
            try scene.run(.rollBack)
            #expect(scene.isOver && scene.entry?.accessKeyID == FakeIAM.first && scene.iam.accepts(.served))
        }
    }

    @Test("another time can be said later, and an answer of yes alone ends one that has not just begun")
    func saidLater() throws {
        let scene = try RotationScene.stopped(in: .deactivated)
        try scene.run(.resume, isForced: true, keepingOld: "2h")
        #expect(scene.entry?.rotation?.deleteAfter == scene.recorder.now + 7200 && scene.iam.keys.count == 2)
        try scene.run(.resume, isForced: true)
        #expect(scene.isOver && scene.iam.keys.count == 1)
    }

    // MARK: forgetting

    @Test("a rotation is forgotten after asking, and AWS is left as it is")
    func forgotten() throws {
        for phase in [Rotation.Phase.intended, .created, .switched, .deactivated, .abandoned] {
            let scene = try RotationScene.stopped(in: phase)
            let keys = scene.iam.keys.keys.sorted()
            #expect(try scene.failure(.forget, isForced: false).message.hasPrefix("no terminal"))
            #expect(!scene.isOver)
            scene.recorder.confirmations = [true]
            try scene.run(.forget, isForced: false)
            #expect(scene.isOver && scene.iam.keys.keys.sorted() == keys && scene.iam.accepts(.served))
            let told = phase == .intended ? "AWS may have created another key" : "AWS keeps that key as it is"
            #expect(scene.recorder.said("note").contains { $0.contains(told) })
        }
    }

    @Test("without AWS only by force")
    func forgottenBlindly() throws {
        let scene = try RotationScene.stopped(in: .created)
        scene.world.interference["who is served"] = {
            throw NoAnswer(Failure(.unavailable, "AWS is not there"))
        }
        #expect(try scene.failure(.forget, isForced: false).message == "AWS is not there")
        try scene.run(.forget)
        #expect(scene.isOver)
    }

    // MARK: several

    @Test("one that cannot be rotated keeps none of the others from it")
    func all() throws {
        let scene = try RotationScene()
        try scene.vault.add(Entry(name: "other", accessKeyID: FakeIAM.id(9)), secret: "made-up")
        #expect(throws: (any Error).self) { try scene.run(.start, name: nil) }
        #expect(scene.recorder.said("warning") == ["other: AWS is not there"])
        #expect(scene.entry?.accessKeyID == FakeIAM.id(1) && scene.isOver && scene.iam.accepts(.served))
    }

    @Test("only keys that are old enough by AWS's word are rotated")
    func older() throws {
        let scene = try RotationScene()
        scene.iam.keys[FakeIAM.first]?.createdAt = scene.recorder.now - 3600
        try scene.run(.start, name: nil, olderThan: "1h")
        #expect(scene.recorder.said("note") == ["no key is older than 1h"])
        try scene.run(.start, name: nil, olderThan: "59m")
        #expect(scene.entry?.accessKeyID == FakeIAM.id(1))
    }

    @Test("a key whose age cannot be told is not rotated, and holds up no other")
    func unknownAge() throws {
        let scene = try RotationScene()
        // It is sealed by the machine's clock, and by the recorder's in the future.
        try scene.vault.add(Entry(name: "other", accessKeyID: FakeIAM.id(9)), secret: "made-up")
        let error = #expect(throws: Failure.self) { try scene.run(.start, name: nil, olderThan: "1h") }
        #expect(error?.code == .unavailable)
        #expect(
            error?.message == "the age of 'other' is unknown, so it was not rotated: AWS is not there")
        #expect(scene.entry?.accessKeyID == FakeIAM.id(1) && scene.isOver)
        #expect(scene.vault["other"]?.accessKeyID == FakeIAM.id(9))
    }

    @Test("where no age can be told, nothing is rotated, and that is a failure")
    func noAge() throws {
        let scene = try RotationScene()
        scene.world.interference["list"] = { throw NoAnswer(Failure(.unavailable, "AWS is not there")) }
        let error = #expect(throws: Failure.self) { try scene.run(.start, name: nil, olderThan: "1h") }
        #expect(error?.code == .unavailable && scene.recorder.said("note").isEmpty)
        #expect(scene.entry?.accessKeyID == FakeIAM.first)
    }

    @Test("a key that was sealed long ago is old, whatever AWS says")
    func sealedLongAgo() throws {
        let scene = try RotationScene()
        scene.world.interference["list"] = {
            scene.world.interference["list"] = nil
            throw NoAnswer(Failure(.unavailable, "AWS is not there"))
        }
        scene.recorder.now = (scene.entry?.sealedAt ?? 0) + 7200
        let error = #expect(throws: (any Error).self) {
            try scene.run(.start, name: nil, olderThan: "1h")
        }
        // It was chosen, and then AWS was asked.
        #expect(error.flatMap(Failure.of)?.message == "AWS is not there")
        try scene.run(.start, name: nil, olderThan: "1h")
        #expect(scene.entry?.accessKeyID == FakeIAM.id(1))
    }

    @Test("a role and temporary credentials have no key to rotate")
    func unrotatable() throws {
        let scene = try RotationScene()
        try scene.vault.add(
            Role(name: "admin", roleARN: "arn:aws:iam::123456789012:role/Admin", source: "prod"))
        for (name, text) in [("admin", "is a role"), ("none", "")] {
            let error = #expect(throws: (any Error).self) { try scene.run(.start, name: name) }
            #expect(error.flatMap(Failure.of)?.message.contains(text.isEmpty ? "none" : text) == true)
        }
        try scene.run(.resume, name: nil)
        #expect(scene.recorder.said("note") == ["no rotation is under way"])
    }
}
