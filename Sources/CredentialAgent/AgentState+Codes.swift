import AgentProtocol
import ProgramSupport
import SecureMemory
import VaultCrypto

/// The codes of MFA devices, of which AWS takes none twice.
extension AgentState {
    /// Calls `body` with the code that the seed makes for a moment of AWS's clock.
    func withOneTimeCode(
        of seed: RawSpan, for serial: String, at time: Int64, now: Moment, _ body: (RawSpan) throws -> Void
    ) throws -> Bool {
        let code = try OneTimeCode.make(seed: seed, unixSeconds: time)
        try spend(code.bytes, serial: serial, nextIn: OneTimeCode.period - time % OneTimeCode.period, now)
        try body(code.bytes)
        return true
    }

    /// Records a code that is about to be sent.
    ///
    /// - Parameter seconds: until the next one can be made here; nil when a person has the device.
    /// - Throws: ``AgentReason`` when it was sent before: AWS takes none twice.
    func spend(
        _ code: RawSpan, serial: String, nextIn seconds: Int64? = nil, _ now: Moment
    ) throws {
        switch try spentCodes.spend(code, serial: serial, now) {
        case .done: return
        case .spentBefore:
            guard let seconds else {
                throw AgentReason.codeUsed
            }
            throw AgentReason.seedCodeUsed(serial: serial, seconds: seconds)
        case .tooMany:
            throw AgentReason.tooManyCodes
        }
    }
}
