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
        switch error {
        case .notStarted(.missing):
            self.init(
                .unavailable, "the program sealring-aws is not beside this one",
                hint: "install all programs of Sealring into one directory")
        case .notStarted(.untrusted): self.init(untrusted: "sealring-aws")
        case .notStarted(.system(let code)): self.init(cannotStart: "sealring-aws", code: code)
        case .noReply, .abandoned:
            self.init(.unavailable, "the program sealring-aws gave no reply", hint: "try again")
        case .timeout:
            self.init(.unavailable, "AWS did not answer in time", hint: "check the network, and try again")
        case .memory(let error): self.init(error)
        }
    }
}
