import AWSValues

/// Whether what came from the agent is as the format has it, so that it can be shown and its times written.
extension Entry {
    package var isWellFormed: Bool {
        let texts = [userName, source, region, note, stsEndpoint, iamEndpoint, caBundle, mfaSerial]
        let times = [sealedAt, changedAt, createdAt, expiration, lastUsedAt, lastUsedAskedAt]
        let ids = [accessKeyID, rotation?.otherAccessKeyID].compactMap(\.self)
        let rotationTimes = [rotation?.beganAt, rotation?.otherCreatedAt, rotation?.deleteAfter]
        var servedName = ""
        if case .role(let name) = serve { servedName = name }
        return EntryName.isValid(name) && (servedName.isEmpty || EntryName.isValid(servedName))
            && ids.allSatisfy { AccessKeyID.isValid($0) }
            && accountID.map { AccountID.isValid($0) } ?? true
            && texts.allSatisfy(isPlain) && (rotation?.keysBefore ?? []).allSatisfy(isPlain)
            && times.allSatisfy(isTime) && rotationTimes.allSatisfy(isTime)
    }
}

extension Role {
    package var isWellFormed: Bool {
        let texts = [
            roleARN, region, note, stsEndpoint, caBundle, mfaSerial, externalID, policy, sourceIdentity,
            sessionName,
        ]
        return EntryName.isValid(name) && (source.isEmpty || EntryName.isValid(source))
            && texts.allSatisfy(isPlain)
            && (policyARNs + tags + transitiveTagKeys).allSatisfy(isPlain)
            && [sealedAt, changedAt].allSatisfy(isTime)
    }
}

private func isPlain(_ text: String?) -> Bool {
    text.map { UTF8Text.isPlain($0) } ?? true
}

private func isTime(_ time: Int64?) -> Bool {
    time.map { Timestamp.range.contains($0) } ?? true
}
