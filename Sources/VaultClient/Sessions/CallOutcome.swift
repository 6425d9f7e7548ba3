package import AWSRequests
package import AgentProtocol
package import ProgramSupport

/// What is known of a reply besides its content.
package struct CallContext {
    /// Who signed the request.
    package let accessKeyID: String
    /// Empty when it is not known.
    package let arn: String
    package let host: String
    /// Seconds that AWS's clock is ahead.
    package let skew: Int64?
}

/// AWS answered, and refused.
package struct AWSRefused: Error {
    package let failure: Failure
    package let refusal: AWSRefusal

    package init(_ failure: Failure, _ refusal: AWSRefusal) {
        self.failure = failure
        self.refusal = refusal
    }
}

/// It is not known what became of a request.
package struct NoAnswer: Error {
    package let failure: Failure

    package init(_ failure: Failure) { self.failure = failure }
}

extension Failure {
    package init(_ error: ExchangeError) {
        if case .memory(let error) = error { self.init(error) } else { self.init(Refusal(error)) }
    }
}
