import SecureMemory

/// A role as it travels between the agent and its clients.
extension Role {
    private typealias Tag = RecordFormat.Tag

    package func encoded() -> [UInt8] {
        var message = MessageWriter()
        message.append(Tag.name, name)
        message.append(Tag.sealedAt, sealedAt)
        message.append(Tag.changedAt, changedAt)
        message.append(Tag.region, region)
        message.append(Tag.note, note)
        message.append(Tag.stsEndpoint, stsEndpoint)
        message.append(Tag.caBundle, caBundle)
        message.append(Tag.mfaSerial, mfaSerial)
        message.append(Tag.sessionSeconds, sessionSeconds.map { Int64($0) })
        message.append(Tag.roleARN, roleARN)
        message.append(Tag.roleSource, source)
        message.append(Tag.externalID, externalID)
        message.append(Tag.policy, policy)
        message.append(Tag.policyARNs, lines: policyARNs)
        message.append(Tag.sessionTags, lines: tags)
        message.append(Tag.transitiveTagKeys, lines: transitiveTagKeys)
        message.append(Tag.sourceIdentity, sourceIdentity)
        message.append(Tag.sessionName, sessionName)
        return message.bytes
    }

    /// Nil when the bytes are no role; an entry's are none.
    package init?(encoded bytes: RawSpan) {
        self.init(name: "", roleARN: "", source: "")
        var role = self
        guard MessageValue.forEach(bytes, { role.set($0, $1) }), !role.roleARN.isEmpty else {
            return nil
        }
        self = role
    }

    private mutating func set(_ tag: UInt16, _ value: MessageValue) -> Bool {
        switch tag {
        case Tag.name: value.read(&name)
        case Tag.sealedAt: value.readTime(&sealedAt)
        case Tag.changedAt: value.readTime(&changedAt)
        case Tag.region: value.read(&region)
        case Tag.note: value.read(&note)
        case Tag.stsEndpoint: value.read(&stsEndpoint)
        case Tag.caBundle: value.read(&caBundle)
        case Tag.mfaSerial: value.read(&mfaSerial)
        case Tag.sessionSeconds: value.read(&sessionSeconds)
        case Tag.roleARN: value.read(&roleARN)
        case Tag.roleSource: value.read(&source)
        case Tag.externalID: value.read(&externalID)
        case Tag.policy: value.read(&policy)
        case Tag.policyARNs: value.read(&policyARNs)
        case Tag.sessionTags: value.read(&tags)
        case Tag.transitiveTagKeys: value.read(&transitiveTagKeys)
        case Tag.sourceIdentity: value.read(&sourceIdentity)
        case Tag.sessionName: value.read(&sessionName)
        default: false
        }
    }
}
