package import ProgramSupport

/// What a rotation does next, and what is said about it.
struct RotationStep: Equatable {
    let action: Action
    /// Said before it is done, and once it is done.
    var before: [Remark] = []
    var after: [Remark] = []
    /// What the run ends with once this is done.
    var verdict: Failure?

    enum Action: Equatable {
        // Questions to AWS.
        case list
        /// - Parameter isRequired: whether the run ends where AWS cannot tell.
        case lastUse(of: String, isRequired: Bool)
        case standing(SealedKey, isRequired: Bool)
        /// Waits until AWS accepts the key that is not served.
        case awaitOther
        /// Gives AWS the time to learn everywhere what one place knows.
        case settle
        // What changes something.
        case create
        case activate(String)
        case deactivate(String)
        case delete(String, isOld: Bool)
        case seal(RotationChange)
        // Ends.
        case confirm(String)
        case refuse(RotationRefusal)
        case finish
    }

    enum Remark: Equatable {
        case note(String)
        case warning(String)
        case hint(String)
    }

    init(_ action: Action, before: [Remark] = [], after: [Remark] = [], verdict: Failure? = nil) {
        self.action = action
        self.before = before
        self.after = after
        self.verdict = verdict
    }

    static func refuse(_ failure: Failure, saysHow: Bool = false) -> RotationStep {
        RotationStep(.refuse(RotationRefusal(failure, saysHow: saysHow)))
    }
}

/// Why a rotation ends without having come to its end.
package struct RotationRefusal: Error, Equatable {
    package let failure: Failure
    /// Whether the hint says already with which command of `rotate` it goes on.
    let saysHow: Bool

    init(_ failure: Failure, saysHow: Bool) {
        self.failure = failure
        self.saysHow = saysHow
    }
}
