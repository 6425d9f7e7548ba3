import Platform
import Synchronization

/// Where the thread puts what came, and the task that waits for it takes it.
final class PendingCredentials: Sendable {
    private enum Result: ~Copyable, Sendable {
        case success(AWSCredentials)
        case failure(AgentCredentialsError)
    }

    private struct State: ~Copyable {
        var result: Result?
        var isFinished = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// What `body` returns on a thread of its own; a task that is cancelled does not wait for it, and none waits longer
    /// than this.
    func fetch(
        within timeout: Duration,
        _ body: @escaping @Sendable () throws(AgentCredentialsError) -> AWSCredentials
    ) async throws(AgentCredentialsError) -> AWSCredentials {
        let isStarted = DetachedThread.run {
            do throws(AgentCredentialsError) {
                self.finish(.success(try body()))
            } catch {
                self.finish(.failure(error))
            }
        }
        guard isStarted else { throw .noThread }
        let timer = Task {
            // Throws when it is cancelled, which is when nobody waits any more.
            try await Task.sleep(for: timeout)
            finish(.failure(.timeout))
        }
        defer { timer.cancel() }
        await withTaskCancellationHandler {
            await wait()
        } onCancel: {
            finish(.failure(.cancelled))
        }
        return try take()
    }

    /// The first result counts.
    private func finish(_ result: consuming sending Result) {
        var result: Result? = consume result
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.isFinished else { return nil }
            state.isFinished = true
            state.result = result.take()
            return state.waiter.take()
        }
        waiter?.resume()
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let isFinished = state.withLock { state in
                if !state.isFinished { state.waiter = continuation }
                return state.isFinished
            }
            if isFinished { continuation.resume() }
        }
    }

    private func take() throws(AgentCredentialsError) -> AWSCredentials {
        let result = state.withLock { $0.result.take() }
        switch consume result {
        case .some(.success(let credentials)): return credentials
        case .some(.failure(let error)): throw error
        case .none: throw .cancelled
        }
    }
}
