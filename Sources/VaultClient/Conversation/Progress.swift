/// Says that something slow goes on, until the value ends.
package struct Progress: ~Copyable {
    private let conversation: any Conversation

    package init(_ text: String, _ conversation: any Conversation) {
        self.conversation = conversation
        conversation.beginProgress(text)
    }

    deinit { conversation.endProgress() }

    /// Takes what was said away.
    package consuming func end() {}
}
