import AWSRequests
import AgentProtocol
import CredentialVault
import ProgramSupport
import SecureMemory
import VaultCrypto

/// Who asks, and for how long already.
package struct Caller {
    /// What tells this connection from the others.
    package var connection: Int
    /// Set when the request was parked before.
    package var waiting: Waiting?
    /// Whether it may be told to ask AWS; else it is parked.
    package var mayFetch = true

    package init(connection: Int, waiting: Waiting? = nil) {
        self.connection = connection
        self.waiting = waiting
    }
}

/// Whose credentials sign the request for a session.
private enum Signer {
    case key
    case session(HeldSession)
}

extension AgentState {
    /// Brings a request on: to its answer, to a lease, to a question, or to where it waits.
    func advance(
        _ goal: Goal, _ name: String, code: RawSpan, _ caller: Caller, _ now: Moment,
        _ answer: inout SecretBuffer
    ) throws -> Outcome {
        guard let unlocked else { throw Self.locked }
        let plan = try unlocked.plan(name, goal.purpose, sessionName: sessionName)
        let keeper = try unlocked.sessionKeeper(now.unix)
        guard let last = plan.steps.last else {
            return try finish(goal, name, plan, nil, now, &answer)
        }
        if let session = keeper.fresh(last, now.unix) {
            return try finish(goal, name, plan, session, now, &answer)
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
        if let failure = keeper.failure(step.fingerprint, after: caller.waiting) { throw failure }
        if !caller.mayFetch || keeper.isFetched(step.fingerprint, now.boot) {
            return try park(caller, keeper, now)
        }
        return try lease(
            step, signer, plan, goal, name, code, caller, skew: nil, now, &answer)
    }

    private func park(_ caller: Caller, _ keeper: SessionKeeper, _ now: Moment) throws -> Outcome {
        let waiting = caller.waiting ?? Waiting(since: now.boot, failures: keeper.failureCount)
        guard now.boot - waiting.since < Waiting.limit else {
            throw Failure(
                .unavailable, "AWS did not answer another program in time, for the same credentials",
                hint: "try again")
        }
        return .parked(waiting)
    }

    /// - Parameter skew: the one that AWS told when it refused a first request; nil for a first one.
    private func lease(
        _ step: SessionPlan.Step, _ signer: Signer, _ plan: SessionPlan, _ goal: Goal, _ name: String,
        _ code: RawSpan, _ caller: Caller, skew: Int64?, _ now: Moment,
        _ answer: inout SecretBuffer
    ) throws -> Outcome {
        guard let unlocked else { throw Self.locked }
        guard step.accountID != nil else {
            throw Failure(
                .malformed,
                "the account of '\(step.name)' is not known, so no session of it could be checked",
                hint: "give its 12 digits with 'sealring set \(step.name) --account-id'")
        }
        let keeper = try unlocked.sessionKeeper(now.unix)
        let used = skew ?? keeper.skew(step.endpoint.host)
        let lease = Lease(
            id: Lease.randomID(), connection: caller.connection, name: name, goal: goal, step: step,
            deadline: now.boot + Lease.seconds, skew: used, isSecond: skew != nil, signedAt: now.unix)
        var request = try SecretBuffer(capacity: 8 << 10, limit: AgentMessage.frameLimit)
        if case .session(let session) = signer {
            try session.withSecrets { key, token in
                try compose(
                    step, session.accessKeyID, key, token, code: nil, now.unix + used, into: &request)
            }
        } else {
            let isComposed = try unlocked.vault.withRecord(plan.keyReference) { record in
                guard case .key(let entry, let secrets, _, _) = record else { return false }
                guard let serial = step.serial else {
                    try compose(
                        step, entry.accessKeyID, secrets.key, secrets.token, code: nil, now.unix + used,
                        into: &request)
                    return true
                }
                if !code.isEmpty {
                    try spend(code, serial: serial, now)
                    try compose(
                        step, entry.accessKeyID, secrets.key, secrets.token, code: code, now.unix + used,
                        into: &request)
                    return true
                }
                guard let seed = secrets.seed else { return false }
                return try withOneTimeCode(seed, serial, at: now.unix + used, now) { code in
                    try compose(
                        step, entry.accessKeyID, secrets.key, secrets.token, code: code, now.unix + used,
                        into: &request)
                }
            }
            guard isComposed else {
                let start = try answer.beginFrame(AgentMessage.Answer.codeNeeded)
                try answer.appendField(step.serial ?? "")
                try answer.endFrame(start)
                return .answered
            }
        }
        keeper.begin(lease)
        let start = try answer.beginFrame(AgentMessage.Answer.lease)
        try answer.appendField(lease.id)
        try answer.appendField(request)
        try answer.endFrame(start)
        return .answered
    }

    private func compose(
        _ step: SessionPlan.Step, _ id: String, _ key: RawSpan, _ token: RawSpan?, code: RawSpan?,
        _ time: Int64,
        into request: inout SecretBuffer
    ) throws {
        let signer = RequestSigner(accessKeyID: id, secretAccessKey: key, sessionToken: token)
        do {
            try step.operation.appendFrame(
                to: &request, endpoint: step.endpoint, signer: signer, secret: code, caBundle: step.caBundle,
                time: time, milliseconds: Lease.milliseconds)
        } catch { throw Failure(error) }
    }

    // MARK: what comes back

    func deliver(
        _ reader: inout FrameReader, _ caller: Caller, _ now: Moment, _ answer: inout SecretBuffer
    ) throws -> Outcome {
        guard let id = reader.next(), id.byteCount == AgentMessage.leaseCount,
            let frame = reader.next(), reader.isAtEnd
        else { return .malformed }
        let unlocked = try served(location.path, now)
        if let rest = caller.waiting?.rest {
            return try advance(rest.goal, rest.name, code: RawSpan(), caller, now, &answer)
        }
        let keeper = try unlocked.sessionKeeper(now.unix)
        guard let lease = keeper.end([UInt8](id), connection: caller.connection, now.boot) else {
            throw Failure(.unavailable, "AWS answered too late", hint: "try again")
        }
        do {
            guard let reply = AWSReply(frame) else {
                throw Failure(.unavailable, "the program that speaks to AWS gave no proper reply")
            }
            let skew = reply.skew(now: now.unix)
            if let skew { keeper.setSkew(skew, lease.step.endpoint.host) }
            if !reply.isSuccess {
                let plan = try unlocked.plan(lease.name, lease.goal.purpose, sessionName: sessionName)
                if let skew, mayPassAgain(reply, lease, plan, skew: skew) {
                    return try leaseAgain(lease, plan, caller, skew: skew, now, &answer)
                }
                throw Failure.refused(reply, lease, plan, now.unix)
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
        let outcome = try advance(lease.goal, lease.name, code: RawSpan(), goingOn, now, &answer)
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
        _ lease: Lease, _ plan: SessionPlan, _ caller: Caller, skew: Int64, _ now: Moment,
        _ answer: inout SecretBuffer
    ) throws -> Outcome {
        guard let unlocked,
            let place = plan.steps.firstIndex(where: { $0.fingerprint == lease.step.fingerprint })
        else { throw Failure(.busy, "the entry was changed meanwhile", hint: "try again") }
        var signer = Signer.key
        if place > 0 {
            let keeper = try unlocked.sessionKeeper(now.unix)
            guard let session = keeper.fresh(plan.steps[place - 1], now.unix) else {
                // By AWS's clock what should sign has ended: it is fetched first.
                return try advance(lease.goal, lease.name, code: RawSpan(), caller, now, &answer)
            }
            signer = .session(session)
        }
        return try self.lease(
            lease.step, signer, plan, lease.goal, lease.name, RawSpan(), caller, skew: skew, now, &answer)
    }

    /// Brings in the sessions that other programs have sealed meanwhile.
    package func reloadSessions(_ now: Moment) throws {
        try unlocked?.sessionKeeper(now.unix).store.load(now.unix)
    }

    // MARK: the answers

    private func finish(
        _ goal: Goal, _ name: String, _ plan: SessionPlan, _ session: HeldSession?, _ now: Moment,
        _ answer: inout SecretBuffer
    ) throws -> Outcome {
        switch goal {
        case .credentials:
            guard let session else { throw Failure(.malformed, "'\(name.printable)' serves no session") }
            try appendJSON(session, &answer)
        case .call(let call): try sign(call, plan, session, now, &answer)
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
    func clear(_ reader: inout FrameReader, _ now: Moment, _ answer: inout SecretBuffer) throws -> Outcome {
        guard let path = reader.nextText(limit: 4096), let name = reader.nextText(limit: 1024),
            reader.isAtEnd
        else { return .malformed }
        let unlocked = try served(path, now)
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
            throw Failure(
                .inputOutput, "the sealed sessions cannot be changed, nor removed",
                hint: "look at the directory 'sessions' beside the other state of sealring")
        }
        let start = try answer.beginFrame(AgentMessage.Answer.forgotten)
        try answer.appendField(UInt32(count))
        try answer.endFrame(start)
        return .answered
    }
}

extension Goal {
    var purpose: SessionPlan.Purpose {
        guard case .call(let call) = self else { return .served }
        if call.call == AgentMessage.Call.getSigninToken.rawValue { return .console }
        return call.signer == AgentMessage.Signer.served.rawValue ? .served : .ownSession
    }
}
