import AgentProtocol
package import CredentialVault
package import ProgramSupport

/// Replaces an access key by a new one, so that at every moment the vault serves a key that AWS accepts.
///
/// Each step is sealed before the next one begins. Whatever ends it, it can go on from what is sealed; and until
/// the old key is deleted it can go back.
package struct KeyRotation {
    package let name: String
    package let vault: any VaultAccess
    package let keys: IAMKeys
    package let acceptsRollback: Bool
    /// Seconds between the two checks of a key: IAM takes a while until all of AWS knows it.
    package let settling: UInt32
    /// For how many seconds the old key is kept, inactive; nil for what was said when it began.
    package let keepingOld: UInt32?
    /// Whether what would be asked is answered with yes.
    package let isForced: Bool

    package init(
        name: String, vault: any VaultAccess, keys: IAMKeys, acceptsRollback: Bool, settling: UInt32,
        keepingOld: UInt32?, isForced: Bool
    ) {
        self.name = name
        self.vault = vault
        self.keys = keys
        self.acceptsRollback = acceptsRollback
        self.settling = settling
        self.keepingOld = keepingOld
        self.isForced = isForced
    }

    /// Begins a rotation and brings it to its end.
    package func start() throws {
        let entries = try vault.entries()
        let entry = try vault.entry(named: name)
        guard entry.rotation == nil else { throw underway() }
        let before = try preflight(entry, entries)
        try seal(.edit, from: nil) { entry in
            var rotation = Rotation(phase: .intended, beganAt: keys.now, keysBefore: before.map(\.id))
            rotation.deleteAfter = keepingOld.map { rotation.beganAt + Int64($0) }
            entry.rotation = rotation
            entry.createdAt =
                entry.createdAt ?? before.first { $0.id == entry.accessKeyID }?.createdAt
        }
        try create(isFirst: true)
    }

    /// Goes on from what was sealed last.
    package func resume() throws {
        let (_, rotation) = try current()
        switch rotation.phase {
        case .intended:
            try removeOrphan(rotation)
            let (now, grace) = (keys.now, grace(rotation))
            try seal(.edit, from: rotation) { entry in
                entry.rotation?.beganAt = now
                entry.rotation?.deleteAfter = grace.map { now + $0 }
            }
            try create(isFirst: false)
        case .created: try switchOver()
        case .switched: try deactivate()
        case .deactivated: try delete(isResumed: true)
        case .abandoned: try finishAbandoning()
        case .later: throw later()
        }
    }

    /// Goes back to the old key.
    package func rollBack() throws {
        let (entry, rotation) = try current()
        switch rotation.phase {
        case .intended:
            try removeOrphan(rotation)
            try seal(.edit, from: rotation) { $0.rotation = nil }
            vault.conversation.note("\(name) is as it was")
        case .created:
            guard case .accepted = try standing(.key) else {
                throw Failure(
                    .malformed, "AWS does not accept \(entry.accessKeyID) any more: there is no way back",
                    hint: "go on to the new key with 'sealring rotate \(name) --resume'")
            }
            try seal(.edit, from: rotation) { $0.rotation?.phase = .abandoned }
            try finishAbandoning(isChecked: true)
        case .switched, .deactivated:
            try takeOldBack()
            try finishAbandoning(isChecked: true)
        case .abandoned: try finishAbandoning()
        case .later: throw later()
        }
    }

    /// Gives a rotation up that goes neither on nor back: the key that is served stays, and what else there is
    /// at AWS is left there.
    package func forget() throws {
        let (entry, rotation) = try current()
        guard rotation.phase != .later else { throw later() }
        if let other = rotation.otherAccessKeyID {
            if case .refused = try probed(.key), case .accepted = try probed(.otherKey) {
                throw Failure(
                    .malformed,
                    "AWS accepts \(other), which would be forgotten, and not \(entry.accessKeyID), which is served",
                    hint:
                        "make it the one that is served with 'sealring rotate \(name) \(way(rotation.phase))'"
                )
            }
            vault.conversation.note(
                "\(name) stays with \(entry.accessKeyID); the secret of \(other) is forgotten, and AWS keeps that key as it is"
            )
        } else {
            vault.conversation.note(
                "\(name) stays with \(entry.accessKeyID); AWS may have made another key since \(EntryFacts.time(rotation.beganAt)), whose secret nobody has"
            )
        }
        if !isForced { try vault.conversation.require("Forget the rotation?") }
        try seal(.edit, from: rotation) { $0.rotation = nil }
        vault.conversation.note("forgot the rotation of \(name)")
    }

    /// How a key stands; nil when AWS cannot be asked, and that shall keep nobody from going on.
    private func probed(_ signer: AgentMessage.Signer) throws -> Standing? {
        do { return try standing(signer) } catch {
            guard isForced else { throw error }
            return nil
        }
    }

    /// Where the key that is not served is made the one that is.
    private func way(_ phase: Rotation.Phase) -> String {
        phase == .created || phase == .abandoned ? "--resume" : "--rollback"
    }

    // MARK: the vault

    package func current() throws -> (Entry, Rotation) {
        let entry = try vault.entry(named: name)
        guard let rotation = entry.rotation else { throw none() }
        return (entry, rotation)
    }

    /// Seals a change, unless another program has gone on meanwhile from what this one knows.
    ///
    /// - Parameter known: where the rotation stood; nil for none.
    package func seal(
        _ kind: VaultChanges.Kind, from known: Rotation?, _ change: (inout Entry) throws -> Void
    ) throws {
        RotationNotice.set(
            try vault.update(acceptingRollback: acceptsRollback) { entries, changes in
                var entry = try unchanged(entries, known)
                try change(&entry)
                try changes.append(kind, name: name, entry: entry)
                return entry
            }, vault.conversation)
    }

    func unchanged(_ entries: EntryList, _ known: Rotation?) throws -> Entry {
        guard let entry = entries[name] else {
            throw VaultError(.noSuchEntry(name), path: vault.location.path)
        }
        guard entry.rotation == known else {
            throw Failure(
                .exists, "another program has gone on with the rotation of '\(name)' meanwhile",
                hint: "see where it stands with 'sealring show \(name)'")
        }
        return entry
    }

    // MARK: what is told

    package func none() -> Failure { Failure(.missing, "no rotation of '\(name)' is under way") }

    private func later() -> Failure {
        Failure(
            .malformed, "a later version of sealring began to rotate '\(name)', in a way unknown to this one",
            hint: "go on with that version")
    }

    private func underway() -> Failure {
        Failure(
            .exists, "a rotation of '\(name)' is under way",
            hint: "go on with 'sealring rotate \(name) --resume', or back with '--rollback'")
    }

    /// The error, and where it leaves the rotation.
    package func explained(_ error: any Error) -> any Error {
        guard let failure = Failure.of(error), let entry = try? vault.entry(named: name),
            !(failure.hint ?? "").contains("sealring rotate \(name)")
        else { return error }
        let way: String
        if let rotation = entry.rotation {
            guard rotation.phase != .later else { return error }
            way = "\(RotationNotice.served(entry)); \(RotationNotice.ways(entry).joined(separator: ", or "))"
        } else if failure.code == .unavailable {
            // Before the first step is sealed, AWS was asked questions only.
            way = "\(RotationNotice.served(entry)), and nothing was changed"
        } else {
            return error
        }
        return Failure(failure.code, failure.message, hint: failure.hint.map { "\($0); \(way)" } ?? way)
    }
}
