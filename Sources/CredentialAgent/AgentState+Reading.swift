import AgentProtocol
import CredentialVault
import ProgramSupport
import SecureMemory
import VaultCrypto

extension AgentState {
    func credentials(
        _ reader: inout FrameReader, _ caller: Caller, _ now: Moment, _ answer: inout SecretBuffer
    ) throws -> Outcome {
        guard let path = reader.nextText(limit: 4096), let name = reader.nextText(limit: 1024),
            let code = reader.next(), Self.isCode(code), reader.isAtEnd
        else { return .malformed }
        let unlocked = try served(path, now)
        do {
            // Straight into the answer: memory of its own would cost more than all the rest.
            let start = try answer.beginFrame(.json)
            let field = try answer.beginField()
            let isServed = try unlocked.vault.withRecord(of: name) { record in
                guard case .key(let entry, let secrets, _, _) = record, entry.serve == .key else {
                    return false
                }
                try CredentialAnswer.append(
                    to: &answer, entry, key: secrets.key, token: secrets.token, now: now.unix)
                return true
            }
            guard isServed else {
                answer.truncate(to: 0)
                return try advance(.credentials, name, code: code, caller, now, &answer)
            }
            answer.endField(field)
            try answer.endFrame(start)
        } catch { throw Failure.of(error) }
        return .answered
    }

    func compare(
        _ reader: inout FrameReader, _ now: Moment, _ answer: inout SecretBuffer
    ) throws -> Outcome {
        guard let path = reader.nextText(limit: 4096), let name = reader.nextText(limit: 1024),
            let key = reader.next(), let token = reader.next(), reader.isAtEnd
        else { return .malformed }
        let unlocked = try served(path, now)
        do {
            let isSame = try unlocked.vault.withSecrets(of: name) { _, sealedKey, sealedToken in
                SecretPair.isSame(key, token.isEmpty ? nil : token, sealedKey, sealedToken)
            }
            let start = try answer.beginFrame(AgentMessage.Answer.comparison)
            try answer.appendField(UInt8(isSame ? 1 : 0))
            try answer.endFrame(start)
        } catch { throw Failure.of(error) }
        return .answered
    }

    func list(
        _ reader: inout FrameReader, _ now: Moment, _ answer: inout SecretBuffer
    ) throws -> Outcome {
        guard let path = reader.nextText(limit: 4096), let position = reader.next(UInt32.self),
            reader.isAtEnd
        else { return .malformed }
        let unlocked = try served(path, now, isReviewed: true)
        do {
            let start = try answer.beginFrame(.entries)
            try answer.appendField(unlocked.vault.headerMAC)
            let freshness = unlocked.vault.freshness.message
            try answer.appendField(freshness.state)
            try answer.appendField(freshness.seen)
            try answer.appendField(freshness.found)
            try answer.appendField(freshness.path)
            let count = unlocked.vault.entryCount
            try answer.appendField(UInt32(count))
            for place in min(Int(position), count)..<count {
                let encoded =
                    switch try unlocked.vault.listed(at: place) {
                    case .entry(let entry): entry.encoded()
                    case .role(let role): role.encoded()
                    }
                if answer.count + encoded.count + 4 > AgentMessage.partLimit { break }
                try answer.appendField(encoded)
            }
            try answer.endFrame(start)
        } catch { throw Failure.of(error) }
        return .answered
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
