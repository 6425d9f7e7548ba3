package import CredentialVault
import ProgramSupport

/// What is said when a person stops a rotation: which key is served, and how to go on or back.
package enum RotationNotice {
    /// Remembers where a rotation stands.
    package static func set(_ entry: Entry, _ conversation: any Conversation) {
        conversation.prepareForInterruption(
            "interrupted: \(served(entry))", hints: ways(entry))
    }

    /// Which key is served.
    package static func served(_ entry: Entry) -> String {
        "\(entry.name.printable) serves \(entry.accessKeyID)"
    }

    /// With which commands the rotation goes on or back.
    static func ways(_ entry: Entry) -> [String] {
        let name = entry.name.printable
        guard let rotation = entry.rotation, rotation.phase != .later else {
            return ["\(name) is not being rotated"]
        }
        return [
            "continue with 'sealring rotate \(name) --resume'",
            "undo it with 'sealring rotate \(name) --rollback'",
        ]
    }
}
