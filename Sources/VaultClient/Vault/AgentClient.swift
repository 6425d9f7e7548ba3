import AWSValues
package import AgentProtocol
import CredentialVault
import Platform
package import ProgramSupport
package import SecureMemory

/// A conversation with the agent, one request after the other.
package final class AgentClient {
    private var connection: AgentConnection
    /// Where it leads, to begin again.
    private let address: AgentAddress?
    private var buffer: SecretBuffer

    /// The agent where the environment says, else the one that registered for the vault: `cron`, `su` and services
    /// have other environments than the session that it was unlocked in. Nil when none runs.
    static func connect(for location: VaultLocation) throws -> AgentClient? {
        do {
            let address = try AgentAddress()
            return try AgentClient(AgentConnection(address), to: address)
        } catch AgentError.absent {
            // A socket that was named is the one that is meant.
            guard Environment.value("SEALRING_AGENT_SOCKET") == nil else { return nil }
            let path = try Paths.absolute(location.path)
            // What cannot be looked at may be an agent that this one is not to be refused for.
            var ignored: [any Error] = []
            for agent in try RegisteredAgent.all(for: location, failures: &ignored) {
                guard Paths.isSameVault(agent.vault, path), let address = agent.address else { continue }
                do {
                    return try AgentClient(AgentConnection(address), to: address)
                } catch AgentError.absent { continue }
            }
            return nil
        }
    }

    /// As ``connect(for:)``, with what the agent says of itself. One that is ending is waited for, until there is none
    /// or another one.
    static func connectWithStatus(for location: VaultLocation) throws -> (AgentClient, Status)? {
        try waitingForEnd {
            guard let client = try connect(for: location) else { return nil }
            return (client, try client.status())
        }
    }

    /// Tries again while an agent is ending.
    static func waitingForEnd<Result>(_ body: () throws -> Result) throws -> Result {
        let deadline = MonotonicClock.milliseconds() + Int64(Timeouts.endingAgent)
        while true {
            do { return try body() } catch AgentError.ended where MonotonicClock.milliseconds() < deadline {
                usleep(Timeouts.retryInterval)
            }
        }
    }

    /// What to poll for an answer.
    package var descriptor: Int32 { connection.descriptor }

    /// The process at the other end; nil when it is not known.
    var peer: Int32? { connection.peer }

    package init(_ connection: consuming AgentConnection, to address: AgentAddress? = nil) throws {
        self.connection = connection
        self.address = address
        buffer = try SecretBuffer(capacity: 4000, limit: AgentMessage.frameLimit + 8)
    }

    /// Sends a request and reads its answer.
    func ask<Request: RequestMessage & ~Escapable>(_ request: borrowing Request) throws -> Request.Reply {
        try ask(request) { answer, _ in answer }
    }

    /// Sends a request and reads its answer.
    ///
    /// - Parameter read: reads the fields that follow those of the answer; nil means that they are malformed.
    func ask<Request: RequestMessage & ~Escapable, Result>(
        _ request: borrowing Request, _ read: (Request.Reply, inout FrameReader) throws -> Result?
    ) throws -> Result {
        buffer.truncate(to: 0)
        try request.write(to: &buffer)
        try connection.send(buffer)
        return try next(isLast: true, read)
    }

    /// Sends a request without fields, whose answer is read later.
    func send(_ request: AgentMessage.Request) throws {
        buffer.truncate(to: 0)
        let start = try buffer.beginFrame(request)
        try buffer.endFrame(start)
        try connection.send(buffer)
    }

    /// Reads the answer that a request was done.
    func readDone() throws { _ = try next(isLast: true) { (answer: DoneAnswer, _) in answer } }

    /// Sends the request that the buffer holds, and puts the answer in its place.
    package func exchange(_ frame: inout SecretBuffer) throws {
        try connection.send(frame)
        try connection.receive(into: &frame)
    }

    /// Reads the next frame of an answer.
    ///
    /// - Parameter isLast: whether nothing follows it.
    private func next<Reply: AnswerMessage, Result>(
        isLast: Bool, _ read: (Reply, inout FrameReader) throws -> Result?
    ) throws -> Result {
        try nextFrame(Reply.kind, isLast: isLast) { frame in
            try Reply(&frame).flatMap { try read($0, &frame) }
        }
    }

    private func nextFrame<Result>(
        _ kind: UInt8, isLast: Bool, _ read: (inout FrameReader) throws -> Result?
    ) throws -> Result {
        try connection.receive(into: &buffer, isLast: isLast)
        if FrameReader(buffer.bytes)?.kind == ErrorAnswer.kind { throw try refusal(buffer) }
        return try buffer.withBytes { bytes in
            guard var frame = FrameReader(bytes), frame.kind == kind, let result = try read(&frame),
                frame.isAtEnd
            else { throw AgentError.malformed }
            return result
        }
    }

    /// Why the agent refused the last request, from its answer.
    ///
    /// The reason is worded here; what has none of the list is said as the agent says it.
    package func refusal(_ answer: borrowing SecretBuffer) throws -> Failure {
        let worded = try Failure(answer: answer)
        guard let reason = reason() else { return worded }
        let failure = Failure(reason)
        return failure.code == worded.code ? failure : worded
    }

    private func reason() -> AgentReason? {
        do {
            var frame = try AgentMessage.buffer()
            try WhyRequest().write(to: &frame)
            try exchange(&frame)
            guard var reader = FrameReader(frame.bytes), reader.kind == ReasonAnswer.kind else { return nil }
            return ReasonAnswer(&reader)?.reason
        } catch {
            // An agent of an earlier version ends the connection. One that has ended leaves this as it is.
            if let address, let connection = try? AgentConnection(address) { self.connection = connection }
            return nil
        }
    }
}

extension Failure {
    /// What the agent says of a refusal.
    package init(answer: borrowing SecretBuffer) throws(AgentError) {
        guard var frame = FrameReader(answer.bytes), let answer = ErrorAnswer(&frame), frame.isAtEnd else {
            throw .malformed
        }
        self.init(
            Failure.Code(rawValue: Int32(truncatingIfNeeded: answer.code)) ?? .inputOutput,
            answer.message.printable, hint: answer.cure.isEmpty ? nil : answer.cure.printable)
    }
}

// What can be asked.
extension AgentClient {
    /// Locks the vault.
    func lock() throws {
        try send(.lock)
        try readDone()
    }

    /// Ends the agent.
    func stop() throws {
        try send(.stop)
        try readDone()
    }

    /// Makes the changes that were begun.
    ///
    /// - Returns: what the vault is to become.
    func commit() throws -> (image: ImageAnswer, bytes: [UInt8]) {
        try send(.commit)
        let image = try next(isLast: false) { (answer: ImageAnswer, _) in answer }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(image.size))
        while bytes.count < Int(image.size) {
            let part = try nextFrame(AgentMessage.Answer.part.rawValue, isLast: false) { fields in
                guard let bytes = fields.next() else { return [UInt8]?.none }
                return [UInt8](bytes)
            }
            guard !part.isEmpty, bytes.count + part.count <= Int(image.size) else {
                throw AgentError.malformed
            }
            bytes += part
        }
        return (image, bytes)
    }
}

extension AgentClient {
    /// What the agent says of itself.
    package struct Status {
        package var processID: UInt32
        package var vault: String
        package var isLocked: Bool
        package var generation: UInt64
        package var locksAt: Int64?
        package var idleLocksAt: Int64?
        package var entries: UInt32
        /// The version of the agent's program; nil for one that was too early to say.
        package var version: String?
        /// Names and states, in the agent's order.
        package var protections: [(name: String, state: String)]
    }

    package func status() throws -> Status {
        try send(.status)
        return try readStatus()
    }

    func readStatus() throws -> Status {
        try next(isLast: true) { (answer: StatusAnswer, _) in
            var lines = answer.protections.split(separator: "\n").prefix(64).map { line in
                let name = line.prefix { $0 != "=" }
                return (name: String(name).printable, state: String(line.dropFirst(name.count + 1)).printable)
            }
            let version = lines.first { $0.name == StatusAnswer.versionName }?.state
            lines.removeAll { $0.name == StatusAnswer.versionName }
            return Status(
                processID: answer.processID, vault: answer.vault, isLocked: answer.isLocked,
                generation: answer.generation, locksAt: Self.time(answer.locksAt),
                idleLocksAt: Self.time(answer.idleLocksAt), entries: answer.entries, version: version,
                protections: lines)
        }
    }

    private static func time(_ seconds: UInt64) -> Int64? {
        (1...Timestamp.latest).contains(Int64(clamping: seconds)) ? Int64(seconds) : nil
    }
}
