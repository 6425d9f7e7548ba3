import AWSValues
package import AgentProtocol
import CredentialVault
package import ProgramSupport
package import SecureMemory

/// A conversation with the agent, one request after the other.
package final class AgentClient {
    private let connection: AgentConnection
    private var buffer: SecretBuffer

    /// The agent where the environment says, else the one that registered for the vault: `cron`, `su` and services
    /// have other environments than the session that it was unlocked in. Nil when none runs.
    static func connect(for location: VaultLocation) throws -> AgentClient? {
        do {
            return try AgentClient(AgentConnection(AgentAddress()))
        } catch AgentError.absent {
            // A socket that was named is the one that is meant.
            guard Environment.value("SEALRING_AGENT_SOCKET") == nil else { return nil }
            let path = try Paths.absolute(location.path)
            // What cannot be looked at may be an agent that this one is not to be refused for.
            var ignored: [any Error] = []
            for agent in try RegisteredAgent.all(for: location, failures: &ignored) {
                guard Paths.isSameVault(agent.vault, path), let address = agent.address else { continue }
                do {
                    return try AgentClient(AgentConnection(address))
                } catch AgentError.absent { continue }
            }
            return nil
        }
    }

    /// What to poll for an answer.
    package var descriptor: Int32 { connection.descriptor }

    /// The process at the other end; nil when it is not known.
    var peer: Int32? { connection.peer }

    package init(_ connection: consuming AgentConnection) throws {
        self.connection = connection
        buffer = try SecretBuffer(capacity: 4000, limit: AgentMessage.frameLimit + 8)
    }

    /// Sends a request and reads its answer.
    ///
    /// - Parameters:
    ///   - isLast: whether nothing follows the answer.
    ///   - write: appends the fields of the request.
    ///   - read: reads the fields of the answer; nil from a field means that the answer is malformed.
    package func ask<Result>(
        _ request: AgentMessage.Request, expecting answer: AgentMessage.Answer, isLast: Bool = true,
        _ write: (inout SecretBuffer) throws -> Void = { _ in },
        _ read: (inout FrameReader) throws -> Result?
    ) throws -> Result {
        buffer.truncate(to: 0)
        let start = try buffer.beginFrame(request)
        try write(&buffer)
        try buffer.endFrame(start)
        try connection.send(buffer)
        return try next(answer, isLast: isLast, read)
    }

    /// Sends a request without fields, whose answer is read later.
    func send(_ request: AgentMessage.Request) throws {
        buffer.truncate(to: 0)
        let start = try buffer.beginFrame(request)
        try buffer.endFrame(start)
        try connection.send(buffer)
    }

    /// Reads the answer that a request was done.
    func readDone() throws { try next(.done, isLast: true) { _ in () } }

    /// Sends the request that the buffer holds, and puts the answer in its place.
    package func exchange(_ frame: inout SecretBuffer) throws {
        try connection.send(frame)
        try connection.receive(into: &frame)
    }

    /// A request that is answered with nothing but that it was done.
    package func ask(
        _ request: AgentMessage.Request, _ write: (inout SecretBuffer) throws -> Void = { _ in }
    ) throws {
        try ask(request, expecting: .done, write) { _ in () }
    }

    /// Reads the next frame of an answer that has several.
    package func next<Result>(
        _ answer: AgentMessage.Answer, isLast: Bool, _ read: (inout FrameReader) throws -> Result?
    ) throws -> Result {
        try connection.receive(into: &buffer, isLast: isLast)
        return try buffer.withBytes { bytes in
            guard var frame = FrameReader(bytes) else { throw AgentError.malformed }
            if frame.kind == AgentMessage.Answer.error.rawValue {
                throw try Self.failure(&frame)
            }
            guard frame.kind == answer.rawValue, let result = try read(&frame),
                frame.isAtEnd
            else { throw AgentError.malformed }
            return result
        }
    }

    package static func failure(_ frame: inout FrameReader) throws -> Failure {
        guard let code = frame.next(UInt32.self), let message = frame.nextText(limit: 512),
            let hint = frame.nextText(limit: 512), frame.isAtEnd
        else { throw AgentError.malformed }
        return Failure(
            Failure.Code(rawValue: Int32(truncatingIfNeeded: code)) ?? .inputOutput, message.printable,
            hint: hint.isEmpty ? nil : hint.printable)
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
        /// Names and states, in the agent's order.
        package var protections: [(name: String, state: String)]
    }

    package func status() throws -> Status {
        try send(.status)
        return try readStatus()
    }

    func readStatus() throws -> Status {
        try next(.status, isLast: true) { frame in
            guard let process = frame.next(UInt32.self),
                let vault = frame.nextText(limit: 4096),
                let isLocked = frame.next(UInt8.self), let generation = frame.next(UInt64.self),
                let locksAt = frame.next(UInt64.self), let idle = frame.next(UInt64.self),
                let entries = frame.next(UInt32.self),
                let protections = frame.nextText(limit: 4096)
            else { return nil }
            let lines = protections.split(separator: "\n").prefix(64).map { line in
                let name = line.prefix { $0 != "=" }
                return (name: String(name).printable, state: String(line.dropFirst(name.count + 1)).printable)
            }
            return Status(
                processID: process, vault: vault, isLocked: isLocked != 0, generation: generation,
                locksAt: Self.time(locksAt), idleLocksAt: Self.time(idle), entries: entries,
                protections: lines)
        }
    }

    private static func time(_ seconds: UInt64) -> Int64? {
        (1...Timestamp.latest).contains(Int64(clamping: seconds)) ? Int64(seconds) : nil
    }
}
