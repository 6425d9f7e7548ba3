import SecureMemory

/// An entry as it travels between the agent and its clients, without its secrets.
extension Entry {
    private typealias Tag = RecordFormat.Tag

    package func encoded() -> [UInt8] {
        var message = MessageWriter()
        message.append(Tag.name, name)
        message.append(Tag.accessKeyID, accessKeyID)
        message.append(Tag.sessionToken, hasSessionToken ? 1 : nil)
        message.append(Tag.expiration, expiration)
        message.append(Tag.accountID, accountID)
        message.append(Tag.userName, userName)
        message.append(Tag.sealedAt, sealedAt)
        message.append(Tag.createdAt, createdAt)
        message.append(Tag.changedAt, changedAt)
        message.append(Tag.source, source)
        message.append(Tag.region, region)
        message.append(Tag.note, note)
        message.append(Tag.exposeFor, exposeFor.map { Int64($0) })
        switch serve {
        case .key: break
        case .session: message.append(Tag.serve, 1)
        case .role(let name): message.append(Tag.servedRole, name)
        }
        message.append(Tag.stsEndpoint, stsEndpoint)
        message.append(Tag.iamEndpoint, iamEndpoint)
        message.append(Tag.caBundle, caBundle)
        message.append(Tag.mfaSerial, mfaSerial)
        message.append(Tag.oneTimeCodeSeed, hasOneTimeCodeSeed ? 1 : nil)
        message.append(Tag.sessionSeconds, sessionSeconds.map { Int64($0) })
        if let rotation {
            message.append(Tag.rotationPhase, Int64(rotation.phase.rawValue))
            message.append(Tag.rotationBeganAt, rotation.beganAt)
            message.append(Tag.rotationKeysBefore, lines: rotation.keysBefore)
            message.append(Tag.otherAccessKeyID, rotation.otherAccessKeyID)
            message.append(Tag.otherCreatedAt, rotation.otherCreatedAt)
            message.append(Tag.otherDeleteAfter, rotation.deleteAfter)
        }
        message.append(Tag.lastUsedAt, lastUsedAt)
        message.append(Tag.lastUsedAskedAt, lastUsedAskedAt)
        return message.bytes
    }

    /// Nil when the bytes are no entry.
    package init?(encoded bytes: RawSpan) {
        self.init(name: "", accessKeyID: "")
        var entry = self
        var rotation = Rotation(phase: .intended, beganAt: 0, keysBefore: [])
        let isRead = MessageValue.forEach(bytes) { tag, value in
            if (Tag.rotationPhase...Tag.otherDeleteAfter).contains(tag) {
                if tag == Tag.rotationPhase {
                    guard let phase = value.number.flatMap(UInt8.init(exactly:)),
                        let phase = Rotation.Phase(rawValue: phase)
                    else { return false }
                    rotation.phase = phase
                    entry.rotation = rotation
                    return true
                }
                guard entry.rotation != nil, rotation.set(tag, value) else { return false }
                entry.rotation = rotation
                return true
            }
            return entry.set(tag, value)
        }
        guard isRead else { return nil }
        self = entry
    }

    private mutating func set(_ tag: UInt16, _ value: MessageValue) -> Bool {
        switch tag {
        case Tag.name: return value.read(&name)
        case Tag.accessKeyID: return value.read(&accessKeyID)
        case Tag.sessionToken: return value.read(&hasSessionToken)
        case Tag.expiration: return value.readTime(&expiration)
        case Tag.accountID: return value.read(&accountID)
        case Tag.userName: return value.read(&userName)
        case Tag.sealedAt: return value.readTime(&sealedAt)
        case Tag.createdAt: return value.readTime(&createdAt)
        case Tag.changedAt: return value.readTime(&changedAt)
        case Tag.source: return value.read(&source)
        case Tag.region: return value.read(&region)
        case Tag.note: return value.read(&note)
        case Tag.exposeFor: return value.read(&exposeFor)
        case Tag.serve:
            serve = .session
            return value.number == 1
        case Tag.servedRole:
            var name = ""
            guard value.read(&name) else { return false }
            serve = .role(name)
            return true
        case Tag.stsEndpoint: return value.read(&stsEndpoint)
        case Tag.iamEndpoint: return value.read(&iamEndpoint)
        case Tag.caBundle: return value.read(&caBundle)
        case Tag.mfaSerial: return value.read(&mfaSerial)
        case Tag.oneTimeCodeSeed: return value.read(&hasOneTimeCodeSeed)
        case Tag.sessionSeconds: return value.read(&sessionSeconds)
        case Tag.lastUsedAt: return value.readTime(&lastUsedAt)
        case Tag.lastUsedAskedAt: return value.readTime(&lastUsedAskedAt)
        default: return false
        }
    }
}

extension Rotation {
    private typealias Tag = RecordFormat.Tag

    fileprivate mutating func set(_ tag: UInt16, _ value: MessageValue) -> Bool {
        switch tag {
        case Tag.rotationBeganAt: value.readTime(&beganAt)
        case Tag.rotationKeysBefore: value.read(&keysBefore)
        case Tag.otherAccessKeyID: value.read(&otherAccessKeyID)
        case Tag.otherCreatedAt: value.readTime(&otherCreatedAt)
        case Tag.otherDeleteAfter: value.readTime(&deleteAfter)
        default: false
        }
    }
}
