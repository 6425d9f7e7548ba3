import AWSValues
import AgentProtocol
import Platform
import ProgramSupport
package import SecureMemory

/// Where the code of an MFA device comes from: an option, a command, pinentry or the terminal.
package struct MFACode {
    package var token: String?
    /// How a person is asked while an AWS client waits; nil asks on the terminal.
    package var prompt: HelperPrompt?
    /// Whether nobody can be asked.
    package var isSilent = false

    package init(token: String? = nil, prompt: HelperPrompt? = nil, isSilent: Bool = false) {
        self.token = token
        self.prompt = prompt
        self.isSilent = isSilent
    }

    private static let timeout = Double(Timeouts.question)

    /// Whether it comes from a command of the user's.
    package var isFromCommand: Bool { token == nil && Environment.value("SEALRING_MFA_COMMAND") != nil }

    /// The six digits.
    ///
    /// - Parameters:
    ///   - name: the entry or role that they are for.
    ///   - isAgain: whether a code was sent already: that of the option is spent then.
    package func ask(_ serial: String, for name: String, isAgain: Bool, _ conversation: any Conversation)
        throws -> SecretBytes
    {
        let isFixed =
            isSilent || (token != nil && !isAgain) || Environment.value("SEALRING_MFA_COMMAND") != nil
        return try Answers.retrying(conversation, isAsked: !isFixed && prompt != .pinentry) {
            try askOnce(serial, for: name, isAgain: isAgain, conversation)
        }
    }

    private static func isCode(_ code: borrowing SecretBytes) -> Bool { MFADevice.isCode(code.bytes.octets) }

    private func askOnce(
        _ serial: String, for name: String, isAgain: Bool, _ conversation: any Conversation
    ) throws -> SecretBytes {
        let code = try read(serial, for: name.printable, isAgain: isAgain, conversation)
        guard Self.isCode(code) else {
            throw Failure(.malformed, "invalid MFA code for '\(name.printable)': it must have 6 digits")
        }
        return code
    }

    private func read(
        _ serial: String, for name: String, isAgain: Bool, _ conversation: any Conversation
    )
        throws -> SecretBytes
    {
        if let token, !isAgain {
            return try unsafe token.utf8.span.bytes.withUnsafeBytes { try unsafe SecretBytes(copying: $0) }
        }
        if let command = Environment.value("SEALRING_MFA_COMMAND") {
            conversation.endProgress()
            return try PassphraseCommand.run(command, limit: 64, isSilent: isSilent, what: "MFA")
        }
        switch prompt {
        case .pinentry:
            conversation.endProgress()
            return try Pinentry.ask(
                .init(
                    description: "An AWS client needs an MFA code for \(name) (\(serial)).",
                    prompt: "MFA code:"),
                limit: 64,
                until: conversation.monotonic + Self.timeout)
        case .tty, nil:
            guard !isSilent, conversation.canAsk else {
                throw Failure(
                    .notPermitted,
                    "'\(name)' needs \(isAgain ? "another" : "a") code from the MFA device \(serial)",
                    hint: isSilent || prompt != nil
                        ? "run 'sealring session \(name)', or set SEALRING_MFA_COMMAND"
                        : "give \(isAgain ? "the next one" : "it") with --mfa-token, or set SEALRING_MFA_COMMAND"
                )
            }
            return try conversation.askSecret(
                "MFA code for \(name) (\(serial)): ", limit: 64,
                until: prompt == nil ? nil : conversation.monotonic + Self.timeout)
        }
    }
}
