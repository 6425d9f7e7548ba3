import CredentialVault
import Platform
import ProgramSupport
import TestSupport
import Testing

@testable import VaultClient

/// What is looked at before a key is made, and what becomes of a request for one.
struct RotationBeginningTests {
    private let scene: RotationScene

    init() throws { scene = try RotationScene() }

    private func expectNothingChanged(_ location: SourceLocation = #_sourceLocation) {
        #expect(scene.isOver && scene.iam.keys.count == 1, sourceLocation: location)
        #expect(!scene.world.actions.contains("create"), sourceLocation: location)
    }

    @Test("an entry whose key another entry has as well is not rotated")
    func rival() throws {
        try scene.vault.add(Entry(name: "twin", accessKeyID: FakeIAM.first), secret: "made-up")
        let failure = try scene.failure(.start)
        #expect(failure.code == .exists && failure.message.contains("'twin' has the same access key"))
        expectNothingChanged()
        #expect(scene.world.actions.isEmpty, "AWS is not even asked")
    }

    @Test("nor one whose key is the old one of another entry's rotation")
    func rivalRotation() throws {
        try scene.vault.add(Entry(name: "twin", accessKeyID: FakeIAM.id(9)), secret: "made-up")
        try scene.vault.change("twin") {
            $0.rotation = Rotation(phase: .intended, beganAt: 1, keysBefore: [FakeIAM.id(9)])
        }
        var changes = try VaultChanges()
        var twin = try #require(scene.vault["twin"])
        twin.rotation?.phase = .created
        twin.rotation?.otherAccessKeyID = FakeIAM.first
        try changes.append(.otherKey, name: "twin", entry: twin, secret: secret("made-up"))
        try scene.vault.apply(changes)
        #expect(try scene.failure(.start).message.contains("'twin' has the same access key"))
    }

    @Test("a key that IAM does not list, such as root's, is not rotated")
    func unlisted() throws {
        let (scene, iam) = (scene, scene.iam)
        // It is accepted, but is no key of an IAM user.
        iam.isHidden = [FakeIAM.first]
        let failure = try scene.failure(.start)
        #expect(
            failure.code == .malformed
                && failure.hint?.contains("rotate a root user's key in the console") == true)
        expectNothingChanged()
    }

    @Test("an inactive key is not rotated")
    func inactive() throws {
        scene.iam.isShownInactive = true
        #expect(try scene.failure(.start).message == "\(FakeIAM.first) is inactive")
        expectNothingChanged()
    }

    @Test("two keys are described, and none is deleted")
    func twoKeys() throws {
        scene.iam.keys[FakeIAM.id(7)] = .init(createdAt: 1, lastUsedAt: 1_650_000_000)
        try scene.vault.add(Entry(name: "spare", accessKeyID: FakeIAM.id(7)), secret: "made-up")
        let failure = try scene.failure(.start)
        #expect(failure.code == .exists)
        #expect(
            failure.message.contains("\(FakeIAM.id(7)) (active, last used \(LocalTime.text(1_650_000_000))"))
        #expect(failure.message.contains("in the vault as 'spare'"))
        #expect(failure.message.contains("\(FakeIAM.first) (active, never used"))
        #expect(scene.iam.keys.count == 2 && scene.isOver)
    }

    @Test("where AWS does not tell when they were used, that is said")
    func twoKeysUnasked() throws {
        scene.iam.keys[FakeIAM.id(7)] = .init(isActive: false, createdAt: 1)
        scene.world.interference["last use"] = { throw FakeIAM.refusal("AccessDenied") }
        #expect(try scene.failure(.start).message.contains("(inactive, last use unknown)"))
    }

    @Test("a refusal to list, as one for want of MFA or of the right time, changes nothing")
    func refusedList() throws {
        for code in ["AccessDenied", "RequestExpired"] {
            scene.world.interference["list"] = { throw FakeIAM.refusal(code) }
            #expect(try scene.failure(.start) == Failure(.notPermitted, "AWS says \(code)"))
            expectNothingChanged()
        }
    }

    @Test("without a network the served key is named, and that nothing was changed")
    func noNetwork() throws {
        scene.world.interference["list"] = { throw NoAnswer(Failure(.unavailable, "AWS is not there")) }
        let failure = try scene.failure(.start)
        #expect(failure.hint == "prod serves \(FakeIAM.first), and nothing was changed")
        expectNothingChanged()
    }

    @Test("a refusal to make a key leaves all as it was")
    func refusedKey() throws {
        scene.world.interference["create"] = { throw FakeIAM.refusal("LimitExceeded", status: 409) }
        #expect(try scene.failure(.start).message == "AWS says LimitExceeded")
        #expect(scene.isOver && scene.iam.keys.count == 1)
    }

    @Test("a refusal at a second attempt does not hide what the first may have made")
    func refusedAgain() throws {
        let scene = try RotationScene.stopped(in: .intended)
        scene.world.interference["create"] = { throw FakeIAM.refusal("AccessDenied") }
        let failure = try scene.failure(.resume)
        #expect(failure.message.hasSuffix("AWS may have created a key whose secret is lost"))
        #expect(scene.entry?.rotation?.phase == .intended)
    }

    @Test("an answer that is lost is no end: the way on is named", arguments: [true, false])
    func lostAnswer(_ isServerError: Bool) throws {
        scene.world.interference["create"] = {
            throw isServerError
                ? FakeIAM.refusal("InternalFailure", status: 500)
                : NoAnswer(Failure(.unavailable, "AWS is not there")) as any Error
        }
        let failure = try scene.failure(.start)
        #expect(failure.hint?.hasPrefix("run 'sealring rotate prod --resume' in 15 minutes") == true)
        #expect(scene.entry?.rotation?.phase == .intended)
    }

    @Test("what is under way is not begun again, and what is not has no way on or back")
    func underWay() throws {
        for goal in [RotationGoal.resume, .rollBack, .forget] {
            #expect(try scene.failure(goal).message == "'prod' is not being rotated")
        }
        for phase in [Rotation.Phase.intended, .created, .switched, .deactivated, .abandoned] {
            let scene = try RotationScene.stopped(in: phase)
            #expect(try scene.failure(.start).message == "a rotation of 'prod' is under way")
            #expect(scene.entry?.rotation?.phase == phase)
        }
    }

    @Test("a step of a later version is left alone")
    func later() {
        var entry = Entry(name: "prod", accessKeyID: FakeIAM.first)
        entry.rotation = Rotation(phase: .later, beganAt: 1, keysBefore: [])
        for goal in [RotationGoal.resume, .rollBack, .forget] {
            let facts = RotationFacts(goal: goal, isForced: true, keepingOld: nil, entry: entry)
            guard case .refuse(let refusal) = RotationRules.next(facts).action else {
                Issue.record("\(goal) goes on")
                continue
            }
            #expect(refusal.failure.hint == "continue it with that version")
        }
    }

    // MARK: the sealing of the new key

    @Test("another program that is changing the vault is waited for")
    func busy() throws {
        scene.vault.failuresOfSaves = [2: Failure(.busy, "the vault is in use"), 3: Failure(.busy, "again")]
        try scene.run(.start)
        #expect(scene.isOver && scene.iam.accepts(.served) && scene.recorder.slept > 0.3)
    }

    @Test("a new key that cannot be sealed is deleted again")
    func unsealed() throws {
        scene.vault.failuresOfSaves = [2: Failure(.inputOutput, "the disk is full")]
        let failure = try scene.failure(.start)
        #expect(failure.message.hasSuffix("could not be sealed: the disk is full; it was deleted again"))
        #expect(scene.isOver && scene.iam.keys.count == 1 && scene.iam.accepts(.served))
    }

    @Test("where it cannot be deleted either, the way on is named")
    func unsealedAndLeft() throws {
        scene.vault.failuresOfSaves = [2: Failure(.inputOutput, "the disk is full")]
        scene.world.interference["delete new"] = { throw FakeIAM.refusal("AccessDenied") }
        let failure = try scene.failure(.start)
        #expect(failure.message.hasSuffix("it still exists at AWS, and its secret is lost"))
        #expect(failure.hint?.contains("sealring rotate prod --resume") == true)
        scene.world.interference = [:]
        scene.vault.failuresOfSaves = [:]
        try scene.run(.resume)
        #expect(scene.isOver && scene.iam.accepts(.served) && scene.iam.keys.count == 1)
    }

    @Test("a key whose sealing may not outlast a crash is kept: it is in place")
    func unknownDurability() throws {
        scene.vault.failuresAfterSaves = [2: VaultError(.durabilityUnknown, path: "/made-up/vault")]
        #expect(throws: (any Error).self) { try scene.run(.start) }
        #expect(scene.entry?.rotation?.phase == .created && scene.iam.keys.count == 2)
    }

    @Test("what another program continued with meanwhile is left to it")
    func meanwhile() throws {
        let scene = scene
        scene.world.interference["who is other"] = {
            try scene.vault.change("prod") { $0.rotation?.phase = .abandoned }
        }
        #expect(try scene.failure(.start).message.hasPrefix("another program continued"))
        #expect(scene.iam.accepts(.served))
    }

    /// An entry may have been read long before its turn comes, and the vault may be shared with another machine.
    @Test(
        "no key is taken away at AWS on the word of an old listing",
        arguments: [
            Rotation.Phase.switched, .deactivated,
        ])
    func stale(_ phase: Rotation.Phase) throws {
        let scene = try RotationScene.stopped(in: phase)
        let (entry, entries) = (try #require(scene.entry), try scene.vault.entries())
        let keys = scene.iam.keys.keys.sorted()
        try scene.vault.change("prod") { $0.rotation = nil }
        let request = try RotationRequest(
            .resume, of: nil, olderThan: nil, settling: "0s", keepingOld: nil, isForced: true)
        let driver = RotationDriver(
            request, of: entry, among: entries, in: scene.vault, keys: scene.iam, acceptsRollback: false)
        let error = #expect(throws: (any Error).self) { try driver.run() }
        #expect(Failure.of(try #require(error))?.message.hasPrefix("another program continued") == true)
        #expect(scene.iam.keys.keys.sorted() == keys)
        #expect(!scene.world.actions.contains("delete") && !scene.world.actions.contains("deactivate"))
    }
}
