package import AWSRequests
package import AgentProtocol
import DurableFiles
import ProgramSupport
package import SecureMemory
import VaultCrypto

/// Gets sessions, and has requests to AWS signed and carried.
package final class SessionClient {
    private let transport: any AgentTransport
    let conversation: any Conversation
    /// The vault's absolute path.
    private let path: String
    private let mfa: MFACode
    /// Set when an AWS client waits: it gets an answer in time, and may go away before.
    private let isForClient: Bool
    /// The code that was sent last: AWS takes none twice.
    private var lastCode: SecretBytes?
    /// How far AWS's clock was ahead in the last answer to a ``call(_:_:signer:argument:action:_:)``.
    private(set) var skew: Int64 = 0
    /// Who sends signed requests to AWS.
    var carrier: any AWSCarrier = ExchangeCarrier()

    package init(
        _ transport: any AgentTransport, _ conversation: any Conversation, path: String, mfa: MFACode,
        isForClient: Bool = false
    ) {
        self.conversation = conversation
        self.transport = transport
        self.path = path
        self.mfa = mfa
        self.isForClient = isForClient
    }

    /// The line for AWS clients.
    package func credentials(_ name: String) throws -> SecretBuffer {
        let frame = try ask(for: name, expecting: .json) { code, frame in
            try CredentialsRequest(path: path, name: name, code: code).write(to: &frame)
        }
        guard var reader = FrameReader(frame.bytes), let line = reader.next(), reader.isAtEnd,
            CredentialProcessJSON.isLine(line)
        else { throw AgentError.malformed }
        var copy = try SecretBuffer(capacity: line.byteCount, limit: CredentialProcessJSON.limit)
        guard try copy.append(line) else { throw AgentError.malformed }
        return copy
    }

    /// Forgets the sessions of a name, or all of them.
    package func clear(_ name: String) throws -> Int {
        let frame = try ask(for: name, expecting: .forgotten) { _, frame in
            try ClearRequest(path: path, name: name).write(to: &frame)
        }
        guard var reader = FrameReader(frame.bytes), let answer = ForgottenAnswer(&reader) else {
            throw AgentError.malformed
        }
        return Int(answer.count)
    }

    /// Has a request signed, sends it, and reads the reply.
    ///
    /// - Parameters:
    ///   - action: what is done, in words, should AWS refuse it.
    ///   - read: reads a reply that is a success.
    package func call<Result>(
        _ call: AgentMessage.Call, _ name: String, signer: AgentMessage.Signer, argument: String = "",
        action: String, _ read: (borrowing AWSReply, CallContext) throws -> Result
    ) throws -> Result {
        var skew: Int64 = 0
        while true {
            var frame = try SecretBuffer(capacity: 8 << 10, limit: AgentMessage.frameLimit + 4)
            let signed = try sign(call, name, by: signer, argument: argument, skew: skew, into: &frame)
            let progress = Progress("asking AWS", conversation)
            defer { extendLifetime(progress) }
            do {
                try carrier.carry(&frame, milliseconds: Timeouts.callExchange, watchingOutput: false)
            } catch {
                switch error {
                case .notStarted: throw Failure(error)
                default: throw NoAnswer(Failure(error))
                }
            }
            let now = conversation.now
            guard let reply = AWSReply(frame.bytes) else {
                throw NoAnswer(Failure(ExchangeError.noReply))
            }
            let found = reply.skew(now: now)
            if let found { self.skew = found }
            let context = CallContext(
                accessKeyID: signed.accessKeyID, arn: signed.arn, host: signed.host, skew: found)
            if reply.isSuccess { return try read(reply, context) }
            if skew == 0, let found, abs(found) > 60, let refusal = reply.refusal,
                refusal.isClockSkew
            {
                skew = found
                continue
            }
            var request = RequestContext(
                action: action, name: name,
                identity: signed.arn.isEmpty ? signed.accessKeyID : signed.arn,
                host: signed.host)
            request.skew = found
            request.isOfIAM = call.isOfIAM
            request.isSession = signed.accessKeyID.hasPrefix("ASIA")
            if let refusal = reply.refusal {
                throw AWSRefused(Failure(reply, request), refusal)
            }
            throw NoAnswer(Failure(reply, request))
        }
    }

    private struct Signed {
        let accessKeyID: String
        let arn: String
        let host: String
    }

    private func sign(
        _ call: AgentMessage.Call, _ name: String, by signer: AgentMessage.Signer, argument: String,
        skew: Int64, into target: inout SecretBuffer
    ) throws -> Signed {
        let frame = try ask(for: name, expecting: .signed) { code, frame in
            try CallRequest(
                path: path, name: name, call: call, signer: signer, argument: argument, code: code, skew: skew
            ).write(to: &frame)
        }
        guard var reader = FrameReader(frame.bytes), let answer = SignedAnswer(&reader), reader.isAtEnd,
            try target.append(answer.request)
        else { throw AgentError.malformed }
        return Signed(
            accessKeyID: answer.accessKeyID.printable, arn: answer.arn.printable, host: answer.host.printable)
    }

    // MARK: the conversation

    /// Sends a request, carries what the agent wants carried, and asks for a code when one is needed.
    private func ask(
        for name: String, expecting answer: AgentMessage.Answer,
        _ write: (_ code: RawSpan, inout SecretBuffer) throws -> Void
    ) throws -> SecretBuffer {
        var frame = try SecretBuffer(capacity: 8 << 10, limit: AgentMessage.frameLimit + 4)
        try write(RawSpan(), &frame)
        var hasCode = false
        let end = conversation.monotonic + Self.timeout
        // A chain of roles, each of which may be signed twice.
        for _ in 0..<24 {
            try transport.exchange(&frame)
            switch FrameReader(frame.bytes)?.kind {
            case answer.rawValue: return frame
            case AgentMessage.Answer.lease.rawValue:
                do {
                    let left = isForClient ? end - conversation.monotonic : Self.leaseTimeout
                    try carry(&frame, seconds: min(left, Self.leaseTimeout))
                } catch let failure as Failure {
                    throw Self.noting(hasCode, failure)
                }
            case AgentMessage.Answer.codeNeeded.rawValue:
                guard !hasCode else {
                    throw Failure(.notPermitted, "another MFA code is needed", hint: "try again")
                }
                hasCode = true
                let code = try freshCode(Self.serial(frame), for: name)
                frame.truncate(to: 0)
                try write(code.bytes, &frame)
            case AgentMessage.Answer.error.rawValue:
                throw try Self.noting(hasCode, transport.refusal(frame))
            default: throw AgentError.malformed
            }
        }
        throw Failure(.unavailable, "AWS required too many requests", hint: "try again")
    }

    /// AWS takes each code once: one that was sent is spent, whatever became of the request.
    private static func noting(_ hasCode: Bool, _ failure: Failure) -> Failure {
        guard hasCode, [.unavailable, .malformed].contains(failure.code) else { return failure }
        let next = "the MFA code is used up: wait for the next one"
        return Failure(failure.code, failure.message, hint: failure.hint.map { "\($0); \(next)" } ?? next)
    }

    /// How long a lease lasts, in seconds.
    private static let leaseTimeout = Timeouts.seconds(Timeouts.lease)
    /// How long an AWS client waits, in seconds.
    private static let timeout = Timeouts.seconds(Timeouts.credentials)

    /// A code that was not sent by this process: a command that prints the one of before is asked again until
    /// the device shows the next.
    private func freshCode(_ serial: String, for name: String) throws -> SecretBytes {
        let deadline = conversation.monotonic + 35
        var progress: Progress?
        while true {
            let code = try mfa.ask(serial, for: name, isAgain: lastCode != nil, conversation)
            let isOld =
                switch lastCode {
                case .some(let last): Sodium.equal(last, code)
                case .none: false
                }
            if isOld, mfa.isFromCommand, conversation.monotonic < deadline {
                if progress == nil {
                    progress = Progress("waiting for the next code of \(serial)", conversation)
                }
                conversation.sleep(seconds: 1)
                continue
            }
            lastCode = try code.copy(0..<code.count)
            return code
        }
    }

    /// Has the request of a lease sent, and puts the delivery in its place.
    private func carry(_ frame: inout SecretBuffer, seconds: Double) throws {
        var request = try SecretBuffer(capacity: frame.count, limit: AgentMessage.frameLimit + 4)
        let id = try Self.lease(frame, into: &request)
        do throws(ExchangeError) {
            guard seconds > 0 else { throw .timeout }
            let progress = Progress("asking AWS", conversation)
            defer { extendLifetime(progress) }
            try carrier.carry(
                &request, milliseconds: Int32(seconds * 1000), watchingOutput: isForClient)
        } catch {
            if error == .timeout || error == .noReply {
                // AWS's fault is also that of those who wait; what is wrong with this program is not.
                try? deliver(id, SecretBuffer(capacity: 1, limit: 1), into: &frame)
                try? transport.exchange(&frame)
            }
            transport.release()
            throw Failure(error)
        }
        try deliver(id, request, into: &frame)
    }

    /// Takes the request of a lease.
    ///
    /// - Returns: the id of the lease.
    private static func lease(
        _ frame: borrowing SecretBuffer, into request: inout SecretBuffer
    ) throws -> [UInt8] {
        guard var reader = FrameReader(frame.bytes), let lease = LeaseAnswer(&reader), reader.isAtEnd,
            try request.append(lease.request)
        else { throw AgentError.malformed }
        return [UInt8](lease.id)
    }

    private func deliver(
        _ id: [UInt8], _ reply: borrowing SecretBuffer, into frame: inout SecretBuffer
    ) throws {
        frame.truncate(to: 0)
        try DeliverRequest(id: id.rawSpan, reply: reply.bytes).write(to: &frame)
    }

    private static func serial(_ frame: borrowing SecretBuffer) throws -> String {
        guard var reader = FrameReader(frame.bytes), let answer = CodeNeededAnswer(&reader) else {
            throw AgentError.malformed
        }
        return answer.serial.printable
    }
}
