package import DurableFiles
import ProgramSupport
package import SecureMemory

/// Where what is not handed a conversation yet finds it.
package enum CurrentConversation {
    nonisolated(unsafe) package static var value: (any Conversation)?

    package static var current: any Conversation {
        guard let value = unsafe value else { preconditionFailure("a program sets it first") }
        return value
    }
}

package enum Console {
    package static func warn(_ text: String) { CurrentConversation.current.warn(text) }
    package static func note(_ text: String) { CurrentConversation.current.note(text) }
    package static func hint(_ text: String) { CurrentConversation.current.hint(text) }
    package static func error(_ text: String) { CurrentConversation.current.show(text) }

    package static func warn(unremembered error: FileError?) {
        CurrentConversation.current.warn(unremembered: error)
    }
}

package struct Terminal: ~Copyable {
    package init?() {
        guard CurrentConversation.current.canAsk else { return nil }
    }
    package func show(_ text: String) throws { try CurrentConversation.current.tell(text) }
    package func confirm(_ question: String) throws -> Bool {
        try CurrentConversation.current.confirm(question)
    }
    package func askSecret(_ prompt: String, limit: Int, until deadline: Double? = nil) throws -> SecretBytes
    {
        try CurrentConversation.current.askSecret(prompt, limit: limit, until: deadline)
    }
}

package enum Confirmation {
    package static func ask(_ question: String) throws -> Bool {
        try CurrentConversation.current.ask(question)
    }
    package static func require(_ question: String) throws {
        try CurrentConversation.current.require(question)
    }
}
