import SecureMemory

extension Entry {
    private typealias Tag = RecordFormat.Tag

    /// The entry in a record of an access key that was read before.
    ///
    /// - Parameter name: tells the name of a record.
    init(_ record: Record, in bytes: RawSpan, name: (RecordID) -> String? = { _ in nil }) {
        self.init(name: record.name ?? "", accessKeyID: "")
        var phase: Rotation.Phase?
        var rotation = Rotation(phase: .intended, beganAt: 0, keysBefore: [])
        var serves: UInt8 = 0
        var role: RecordID?
        var fields = EncodedFields(of: record.range, in: bytes)
        while let value = fields.next() {
            switch value.tag {
            case Tag.accessKeyID: accessKeyID = value.text
            case Tag.sessionToken: hasSessionToken = true
            case Tag.expiration: expiration = value.time
            case Tag.accountID: accountID = value.text
            case Tag.userName: userName = value.text
            case Tag.sealedAt: sealedAt = value.time
            case Tag.createdAt: createdAt = value.time
            case Tag.changedAt: changedAt = value.time
            case Tag.source: source = value.text
            case Tag.region: region = value.text
            case Tag.note: note = value.text
            case Tag.exposeFor: exposeFor = value.seconds
            case Tag.serve: serves = value.byte
            case Tag.servedRole: role = value.id
            case Tag.stsEndpoint: stsEndpoint = value.text
            case Tag.iamEndpoint: iamEndpoint = value.text
            case Tag.caBundle: caBundle = value.text
            case Tag.mfaSerial: mfaSerial = value.text
            case Tag.oneTimeCodeSeed: hasOneTimeCodeSeed = true
            case Tag.sessionSeconds: sessionSeconds = value.seconds
            // Taken for one that is known, it would have the wrong key deleted.
            case Tag.rotationPhase: phase = Rotation.Phase(rawValue: value.byte) ?? .later
            case Tag.rotationBeganAt: rotation.beganAt = value.time
            case Tag.rotationKeysBefore: rotation.keysBefore = value.lines
            case Tag.otherAccessKeyID: rotation.otherAccessKeyID = value.text
            case Tag.otherCreatedAt: rotation.otherCreatedAt = value.time
            case Tag.otherDeleteAfter: rotation.deleteAfter = value.time
            case Tag.lastUsedAt: lastUsedAt = value.time
            case Tag.lastUsedAskedAt: lastUsedAskedAt = value.time
            default: break
            }
        }
        if let phase {
            rotation.phase = phase
            self.rotation = rotation
        }
        if serves == 1 {
            serve = .session
        } else if serves == 2 || role != nil {
            // A role that is gone has no name, and the key is not handed out in its place.
            serve = .role(role.flatMap(name) ?? "")
        }
    }

    /// The id of the record of the role that is served instead of the key.
    static func servedRole(_ record: Record, in bytes: RawSpan) -> RecordID? {
        EncodedFields.id(Tag.servedRole, of: record, in: bytes)
    }
}

extension Role {
    private typealias Tag = RecordFormat.Tag

    /// The role in a record that was read before.
    init(_ record: Record, in bytes: RawSpan, name: (RecordID) -> String? = { _ in nil }) {
        self.init(name: record.name ?? "", roleARN: "", source: "")
        var fields = EncodedFields(of: record.range, in: bytes)
        while let value = fields.next() {
            switch value.tag {
            case Tag.sealedAt: sealedAt = value.time
            case Tag.changedAt: changedAt = value.time
            case Tag.region: region = value.text
            case Tag.note: note = value.text
            case Tag.stsEndpoint: stsEndpoint = value.text
            case Tag.caBundle: caBundle = value.text
            case Tag.mfaSerial: mfaSerial = value.text
            case Tag.sessionSeconds: sessionSeconds = value.seconds
            case Tag.roleARN: roleARN = value.text
            case Tag.roleSource: source = name(value.id) ?? ""
            case Tag.externalID: externalID = value.text
            case Tag.policy: policy = value.text
            case Tag.policyARNs: policyARNs = value.lines
            case Tag.sessionTags: tags = value.lines
            case Tag.transitiveTagKeys: transitiveTagKeys = value.lines
            case Tag.sourceIdentity: sourceIdentity = value.text
            case Tag.sessionName: sessionName = value.text
            default: break
            }
        }
    }

    /// The id of the record that it is assumed with.
    static func source(_ record: Record, in bytes: RawSpan) -> RecordID? {
        EncodedFields.id(Tag.roleSource, of: record, in: bytes)
    }
}
