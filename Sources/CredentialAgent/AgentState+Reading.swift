import AgentProtocol
import CredentialVault
import ProgramSupport
import SecureMemory
import VaultCrypto

extension AgentState {
    func credentials(
        _ request: CredentialsRequest, _ caller: Caller, at now: Moment, into answer: inout SecretBuffer
    ) throws -> Outcome {
        let unlocked = try served(request.path, now)
        do {
            // Straight into the answer: memory of its own would cost more than all the rest.
            let start = try answer.beginFrame(.json)
            let field = try answer.beginField()
            let isServed = try unlocked.vault.withRecord(of: request.name) { record in
                guard case .key(let entry, let secrets, _, _) = record, entry.serve == .key else {
                    return false
                }
                try CredentialAnswer.append(
                    to: &answer, entry, key: secrets.key, token: secrets.token, now: now.unix)
                return true
            }
            guard isServed else {
                answer.truncate(to: 0)
                return try advance(
                    SessionRequest(
                        goal: .credentials, name: request.name, code: request.code, caller: caller, now: now),
                    &answer)
            }
            answer.endField(field)
            try answer.endFrame(start)
        } catch { throw Failure.of(error) }
        return .answered
    }

    func compare(_ request: CompareRequest, _ now: Moment) throws -> ComparisonAnswer {
        let unlocked = try served(request.path, now)
        let token = request.sessionToken
        do {
            let isSame = try unlocked.vault.withSecrets(of: request.name) { _, sealedKey, sealedToken in
                SecretPair.isSame(
                    request.secretAccessKey, token.isEmpty ? nil : token, as: sealedKey, token: sealedToken)
            }
            return ComparisonAnswer(isSame: isSame)
        } catch { throw Failure.of(error) }
    }

    func counts(_ now: Moment) throws -> CountsAnswer {
        let unlocked = try served(location.path, now)
        let (all, roles) = (unlocked.vault.entryCount, unlocked.vault.roleCount)
        return CountsAnswer(keys: UInt32(all - roles), roles: UInt32(roles))
    }

    func list(_ request: ListRequest, _ now: Moment, _ answer: inout SecretBuffer) throws {
        let unlocked = try served(request.path, now, isReviewed: true)
        do {
            let start = try beginEntries(unlocked, &answer)
            let count = unlocked.vault.entryCount
            for place in min(Int(request.position), count)..<count {
                let encoded = try unlocked.vault.listed(at: place).encoded
                if answer.count + encoded.count + 4 > AgentMessage.partLimit { break }
                try answer.appendField(encoded)
            }
            try answer.endFrame(start)
        } catch { throw Failure.of(error) }
    }

    func describe(_ request: DescribeRequest, _ now: Moment, _ answer: inout SecretBuffer) throws {
        let unlocked = try served(request.path, now, isReviewed: true)
        do {
            let start = try beginEntries(unlocked, &answer)
            do {
                try answer.appendField(unlocked.vault.listed(named: request.name).encoded)
            } catch let error as VaultError {
                guard case .noSuchEntry = error.reason else { throw error }
            }
            try answer.endFrame(start)
        } catch { throw Failure.of(error) }
    }

    /// Begins an answer that one field for each entry follows.
    private func beginEntries(_ unlocked: UnlockedVault, _ answer: inout SecretBuffer) throws -> Int {
        let freshness = unlocked.vault.freshness.message
        let start = try answer.beginFrame(EntriesAnswer.kind)
        try EntriesAnswer(
            headerMAC: unlocked.vault.headerMAC, freshness: freshness.state, seen: freshness.seen,
            found: freshness.found, memory: freshness.path, total: UInt32(unlocked.vault.entryCount)
        ).writeFields(to: &answer)
        return start
    }
}

extension KeyedVault.Listed {
    /// As a message has it.
    fileprivate var encoded: [UInt8] {
        switch self {
        case .entry(let entry): entry.encoded()
        case .role(let role): role.encoded()
        }
    }
}

extension Freshness {
    /// The number that stands for it in a message, and the generations seen and found; for a memory that cannot
    /// be used the reason and the error number in their places, and its path.
    fileprivate var message: (state: UInt8, seen: UInt64, found: UInt64, path: String) {
        switch self {
        case .current: (0, 0, 0, "")
        case .rollback(let seen, let found): (1, seen, found, "")
        case .fork(let seen, let found): (2, seen, found, "")
        case .unverified(let why):
            (3, UInt64(why.reason.rawValue), UInt64(UInt32(bitPattern: why.systemCode)), why.path)
        }
    }
}
