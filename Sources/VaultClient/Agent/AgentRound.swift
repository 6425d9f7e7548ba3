package import AgentProtocol
import Platform
import ProgramSupport

/// Asks many agents together, so that those that give no answer are not waited for one after the other.
package enum AgentRound {
    /// - Parameters:
    ///   - addresses: where they listen; nil for one that has not said so.
    ///   - read: takes the answer that has come.
    /// - Returns: for each the answer; nil when none came in time.
    package static func ask<Answer>(
        _ addresses: [AgentAddress?], _ request: AgentMessage.Request,
        _ read: (AgentClient) throws -> Answer
    ) -> [Answer?] {
        let start = MonotonicClock.milliseconds()
        var clients = [AgentClient?](repeating: nil, count: addresses.count)
        var unconnected = Array(addresses.indices)
        repeat {
            unconnected = unconnected.filter { place in
                guard let address = addresses[place] else { return false }
                do {
                    let client = try AgentClient(
                        AgentConnection(
                            address, timeout: Timeouts.roundAnswer, connecting: Timeouts.roundConnection))
                    try client.send(request)
                    clients[place] = client
                    return false
                } catch AgentError.timeout { return true } catch { return false }
            }
        } while !unconnected.isEmpty && MonotonicClock.milliseconds() - start < Timeouts.roundConnections
        var answers = [Answer?](repeating: nil, count: addresses.count)
        while true {
            let places = clients.indices.filter { clients[$0] != nil }
            let left = start + Int64(Timeouts.round) - MonotonicClock.milliseconds()
            guard !places.isEmpty, left > 0 else { return answers }
            for ready in poll(places.compactMap { clients[$0]?.descriptor }, Int32(left)) {
                let place = places[ready]
                if let client = clients[place] { answers[place] = try? read(client) }
                clients[place] = nil
            }
        }
    }

    /// - Returns: the places of those that have something to tell.
    package static func poll(_ descriptors: [Int32], _ timeout: Int32) -> [Int] {
        var waiting = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let count = unsafe waiting.withUnsafeMutableBufferPointer { waiting in
            unsafe Platform.poll(waiting.baseAddress, nfds_t(waiting.count), timeout)
        }
        return count > 0 ? waiting.indices.filter { waiting[$0].revents != 0 } : []
    }
}
