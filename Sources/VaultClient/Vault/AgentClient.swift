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
    ///   - read: reads the fields of the answer; nil means that it is malformed.
    private func ask<Request: Message & ~Escapable, Result>(
        _ request: borrowing Request, expecting answer: AgentMessage.Answer, isLast: Bool = true,
        _ read: (inout FrameReader) throws -> Result?
    ) throws -> Result {
        buffer.truncate(to: 0)
        try request.write(to: &buffer)
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

    /// Reads the next frame of an answer that has several.
    private func next<Result>(
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
        guard let answer = ErrorAnswer(&frame), frame.isAtEnd else { throw AgentError.malformed }
        return Failure(
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

    func unlock(_ request: borrowing UnlockRequest) throws { try ask(request, expecting: .done) { _ in () } }

    /// Whether the entry has exactly these secrets.
    func compare(_ request: borrowing CompareRequest) throws -> Bool {
        try ask(request, expecting: .comparison) { fields in ComparisonAnswer(&fields)?.isSame }
    }

    /// A page of the vault's entries; `read` gets the fields behind the head.
    func list<Result>(
        _ request: ListRequest, _ read: (EntriesAnswer, inout FrameReader) throws -> Result?
    ) throws -> Result {
        try ask(request, expecting: .entries) { fields in
            try EntriesAnswer(&fields).flatMap { try read($0, &fields) }
        }
    }

    /// As ``list(_:_:)``, with the one entry or role of a name, or none.
    func describe<Result>(
        _ request: DescribeRequest, _ read: (EntriesAnswer, inout FrameReader) throws -> Result?
    ) throws -> Result {
        try ask(request, expecting: .entries) { fields in
            try EntriesAnswer(&fields).flatMap { try read($0, &fields) }
        }
    }

    func begin(_ request: BeginRequest) throws { try ask(request, expecting: .done) { _ in () } }

    func change(_ request: borrowing ChangeRequest) throws { try ask(request, expecting: .done) { _ in () } }

    /// Makes the changes that were begun.
    ///
    /// - Returns: what the vault is to become.
    func commit() throws -> (image: ImageAnswer, bytes: [UInt8]) {
        try send(.commit)
        let image = try next(.image, isLast: false) { ImageAnswer(&$0) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(image.size))
        while bytes.count < Int(image.size) {
            let part = try next(.part, isLast: false) { fields in
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
        /// Names and states, in the agent's order.
        package var protections: [(name: String, state: String)]
    }

    package func status() throws -> Status {
        try send(.status)
        return try readStatus()
    }

    func readStatus() throws -> Status {
        try next(.status, isLast: true) { frame in
            guard let answer = StatusAnswer(&frame) else { return nil }
            let lines = answer.protections.split(separator: "\n").prefix(64).map { line in
                let name = line.prefix { $0 != "=" }
                return (name: String(name).printable, state: String(line.dropFirst(name.count + 1)).printable)
            }
            return Status(
                processID: answer.processID, vault: answer.vault, isLocked: answer.isLocked,
                generation: answer.generation, locksAt: Self.time(answer.locksAt),
                idleLocksAt: Self.time(answer.idleLocksAt), entries: answer.entries,
                protections: lines)
        }
    }

    private static func time(_ seconds: UInt64) -> Int64? {
        (1...Timestamp.latest).contains(Int64(clamping: seconds)) ? Int64(seconds) : nil
    }
}
