package import AgentProtocol
package import SecureMemory

/// Somebody who sends signed requests to AWS.
package protocol AWSCarrier {
    /// - Parameters:
    ///   - frame: holds the request, and then the reply.
    ///   - watchingOutput: whether to give up when nobody reads our stdout any more.
    func carry(
        _ frame: inout SecretBuffer, milliseconds: Int32, watchingOutput: Bool
    ) throws(ExchangeError)
}

/// The program `sealring-aws`.
struct ExchangeCarrier: AWSCarrier {
    func carry(
        _ frame: inout SecretBuffer, milliseconds: Int32, watchingOutput: Bool
    ) throws(ExchangeError) {
        try ExchangeProgram.run(&frame, milliseconds: milliseconds, watchingOutput: watchingOutput)
    }
}
