import AWSRequests
import AgentProtocol
import CredentialVault
import ProgramSupport
import SecureMemory
import VaultCrypto

/// Whose credentials sign the request for a session.
private enum Signer {
    case key
    case session(HeldSession)
}

extension AgentState {
    /// Brings a request on: to its answer, to a lease, to a question, or to where it waits.
    func advance(_ request: SessionRequest, _ answer: inout SecretBuffer) throws -> Outcome {
        let (goal, name, now) = (request.goal, request.name, request.now)
        guard let unlocked else { throw AgentReason.locked }
        let plan = try unlocked.plan(name, goal.purpose, sessionName: sessionName)
        let keeper = try unlocked.sessionKeeper(now.unix)
        guard let last = plan.steps.last else {
            return try finish(request, plan, nil, into: &answer)
        }
        if let session = keeper.fresh(last, now.unix) {
            return try finish(request, plan, session, into: &answer)
        }
        // The one that is missing, and that the others are made with.
        var place = plan.steps.count - 1
        var signer = Signer.key
        while place > 0 {
            if let session = keeper.fresh(plan.steps[place - 1], now.unix) {
                signer = .session(session)
                break
            }
            place -= 1
        }
        let step = plan.steps[place]
        if let failure = keeper.failure(step.fingerprint, after: request.caller.waiting) { throw failure }
        if !request.caller.mayFetch || keeper.isFetched(step.fingerprint, now.boot) {
            return try park(request.caller, keeper, now)
        }
        return try lease(step, signer, plan, for: request, skew: nil, into: &answer)
    }

    private func park(_ caller: Caller, _ keeper: SessionKeeper, _ now: Moment) throws -> Outcome {
        let waiting = caller.waiting ?? Waiting(since: now.boot, failures: keeper.failureCount)
        guard now.boot - waiting.since < Waiting.limit else {
            throw AgentReason.noAnswerForAnotherProgram
        }
        return .parked(waiting)
    }

    /// - Parameter skew: the one that AWS told when it refused a first request; nil for a first one.
    private func lease(
        _ step: SessionPlan.Step, _ signer: Signer, _ plan: SessionPlan, for request: SessionRequest,
        skew: Int64?, into answer: inout SecretBuffer
    ) throws -> Outcome {
        let (code, now) = (request.code, request.now)
        guard let unlocked else { throw AgentReason.locked }
        guard step.accountID != nil else {
            throw AgentReason.unknownAccount(name: step.name)
        }
        let keeper = try unlocked.sessionKeeper(now.unix)
        let used = skew ?? keeper.skew(step.endpoint.host)
        let time = now.unix + used
        let lease = Lease(
            id: Lease.randomID(), connection: request.caller.connection, name: request.name,
            goal: request.goal, step: step, deadline: now.boot + Lease.seconds, skew: used,
            isSecond: skew != nil, signedAt: now.unix)
        var frame = try SecretBuffer(capacity: 8 << 10, limit: AgentMessage.frameLimit)
        if case .session(let session) = signer {
            try session.withSecrets { key, token in
                let signer = RequestSigner(
                    accessKeyID: session.accessKeyID, secretAccessKey: key, sessionToken: token)
                try compose(step, signer, code: nil, time, into: &frame)
            }
        } else {
            let isComposed = try unlocked.vault.withRecord(plan.keyReference) { record in
                guard case .key(let entry, let secrets, _, _) = record else { return false }
                let signer = RequestSigner(
                    accessKeyID: entry.accessKeyID, secretAccessKey: secrets.key, sessionToken: secrets.token)
                guard let serial = step.serial else {
                    try compose(step, signer, code: nil, time, into: &frame)
                    return true
                }
                if !code.isEmpty {
                    try spend(code, serial: serial, now)
                    try compose(step, signer, code: code, time, into: &frame)
                    return true
                }
                guard let seed = secrets.seed else { return false }
                return try withOneTimeCode(of: seed, for: serial, at: time, now: now) { code in
                    try compose(step, signer, code: code, time, into: &frame)
                }
            }
            guard isComposed else {
                try CodeNeededAnswer(serial: step.serial ?? "").write(to: &answer)
                return .answered
            }
        }
        keeper.begin(lease)
        try LeaseAnswer(id: lease.id.rawSpan, request: frame.bytes).write(to: &answer)
        return .answered
    }

    private func compose(
        _ step: SessionPlan.Step, _ signer: RequestSigner, code: RawSpan?, _ time: Int64,
        into frame: inout SecretBuffer
    ) throws {
        do {
            try step.operation.appendFrame(
                to: &frame, endpoint: step.endpoint, signer: signer, code: code, caBundle: step.caBundle,
                time: time, milliseconds: Lease.milliseconds)
        } catch { throw Failure(error) }
    }

    // MARK: what comes back

    func deliver(
        _ delivery: DeliverRequest, _ caller: Caller, at now: Moment, into answer: inout SecretBuffer
    ) throws -> Outcome {
        let unlocked = try served(location.path, now)
        if let rest = caller.waiting?.rest {
            return try advance(
                SessionRequest(goal: rest.goal, name: rest.name, code: RawSpan(), caller: caller, now: now),
                &answer)
        }
        let keeper = try unlocked.sessionKeeper(now.unix)
        guard let lease = keeper.end([UInt8](delivery.id), connection: caller.connection, now.boot) else {
            throw AgentReason.answeredTooLate
        }
        do {
            guard let reply = AWSReply(delivery.reply) else {
                throw AgentReason.invalidExchangeReply
            }
            let skew = reply.skew(now: now.unix)
            if let skew { keeper.setSkew(skew, lease.step.endpoint.host) }
            if !reply.isSuccess {
                let plan = try unlocked.plan(lease.name, lease.goal.purpose, sessionName: sessionName)
                if let skew, mayPassAgain(reply, lease, plan, skew: skew) {
                    return try leaseAgain(lease, plan, caller, skew: skew, at: now, into: &answer)
                }
                throw Failure.refused(reply, lease, plan, at: now.unix)
            }
            let session = try SessionDelivery.read(
                reply, of: lease.step, now: now.unix + (skew ?? lease.skew))
            keeper.store.keep(session, as: lease.step.fingerprint, now.unix)
        } catch {
            let failure = Failure.of(error)
            keeper.fail(lease.step.fingerprint, failure)
            throw failure
        }
        var goingOn = Caller(connection: caller.connection)
        goingOn.mayFetch = caller.mayFetch
        let outcome = try advance(
            SessionRequest(goal: lease.goal, name: lease.name, code: RawSpan(), caller: goingOn, now: now),
            &answer)
        guard case .parked(var waiting) = outcome else { return outcome }
        waiting.rest = Waiting.Rest(goal: lease.goal, name: lease.name)
        return .parked(waiting)
    }

    /// Whether a refused request is to be signed once more, by AWS's clock: when it was refused for its time,
    /// or for a code that was made for another moment.
    private func mayPassAgain(
        _ reply: borrowing AWSReply, _ lease: Lease, _ plan: SessionPlan, skew: Int64
    ) -> Bool {
        guard !lease.isSecond, let refusal = reply.refusal else { return false }
        // A code that a person typed is not asked for again, and neither is it sent again.
        guard lease.step.serial == nil || plan.key.hasOneTimeCodeSeed else { return false }
        if refusal.isClockSkew { return abs(skew - lease.skew) > 60 }
        guard lease.step.serial != nil, refusal.isMFACode else { return false }
        return OneTimeCode.step(lease.signedAt + skew) != OneTimeCode.step(lease.signedAt + lease.skew)
    }

    private func leaseAgain(
        _ lease: Lease, _ plan: SessionPlan, _ caller: Caller, skew: Int64, at now: Moment,
        into answer: inout SecretBuffer
    ) throws -> Outcome {
        guard let unlocked,
            let place = plan.steps.firstIndex(where: { $0.fingerprint == lease.step.fingerprint })
        else { throw AgentReason.entryChangedMeanwhile }
        let request = SessionRequest(
            goal: lease.goal, name: lease.name, code: RawSpan(), caller: caller, now: now)
        var signer = Signer.key
        if place > 0 {
            let keeper = try unlocked.sessionKeeper(now.unix)
            guard let session = keeper.fresh(plan.steps[place - 1], now.unix) else {
                // By AWS's clock what should sign has ended: it is fetched first.
                return try advance(request, &answer)
            }
            signer = .session(session)
        }
        return try self.lease(lease.step, signer, plan, for: request, skew: skew, into: &answer)
    }

    /// Brings in the sessions that other programs have sealed meanwhile.
    package func reloadSessions(_ now: Moment) throws {
        try unlocked?.sessionKeeper(now.unix).store.load(now.unix)
    }

    // MARK: the answers

    private func finish(
        _ request: SessionRequest, _ plan: SessionPlan, _ session: HeldSession?,
        into answer: inout SecretBuffer
    ) throws -> Outcome {
        switch request.goal {
        case .credentials:
            guard let session else {
                throw AgentReason.noSession(name: request.name)
            }
            try appendJSON(session, &answer)
        case .call(let call): try sign(call, plan, session, at: request.now, into: &answer)
        }
        return .answered
    }

    func appendJSON(_ session: HeldSession, _ answer: inout SecretBuffer) throws {
        let start = try answer.beginFrame(.json)
        let field = try answer.beginField()
        try session.withSecrets { key, token in
            try CredentialAnswer.append(
                to: &answer, accessKeyID: session.accessKeyID, key: key, token: token,
                expiration: session.expiration, accountID: session.accountID, name: "the session")
        }
        answer.endField(field)
        try answer.endFrame(start)
    }

    /// Forgets sessions.
    func clear(_ request: ClearRequest, _ now: Moment) throws -> ForgottenAnswer {
        let name = request.name
        let unlocked = try served(request.path, now)
        let keeper = try unlocked.sessionKeeper(now.unix)
        var fingerprints: Set<String>?
        if !name.isEmpty {
            var found: Set<String> = []
            for purpose in [SessionPlan.Purpose.served, .ownSession, .console] {
                let plan = try? unlocked.plan(name, purpose, sessionName: sessionName)
                found.formUnion(plan?.steps.map(\.fingerprint) ?? [])
            }
            // A name that is none is an error, not an empty success.
            _ = try unlocked.plan(name, .served, sessionName: sessionName)
            fingerprints = found
        }
        guard let count = keeper.store.forget(fingerprints, now.unix) else {
            throw AgentReason.sessionsNotRemovable
        }
        return ForgottenAnswer(count: UInt32(count))
    }
}

extension Goal {
    var purpose: SessionPlan.Purpose {
        guard case .call(let call) = self else { return .served }
        if call.call == .getSigninToken { return .console }
        return call.signer == .served ? .served : .ownSession
    }
}
