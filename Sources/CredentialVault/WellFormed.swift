/// Whether what came from the agent is as the format has it, so that it can be shown and its times written.
extension Entry {
    package var isWellFormed: Bool {
        let texts = [userName, source, region, note, stsEndpoint, iamEndpoint, caBundle, mfaSerial]
        let times = [sealedAt, changedAt, createdAt, expiration, lastUsedAt, lastUsedAskedAt]
        let ids = [accessKeyID, rotation?.otherAccessKeyID].compactMap(\.self)
        let rotationTimes = [rotation?.beganAt, rotation?.otherCreatedAt, rotation?.deleteAfter]
        var servedName = ""
        if case .role(let name) = serve { servedName = name }
        return isName(name) && (servedName.isEmpty || isName(servedName))
            && ids.allSatisfy { unsafe TextRules.check($0, TextRules.isAccessKeyID) }
            && accountID.map { unsafe TextRules.check($0, TextRules.isAccountID) } ?? true
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
        return isName(name) && (source.isEmpty || isName(source)) && texts.allSatisfy(isPlain)
            && (policyARNs + tags + transitiveTagKeys).allSatisfy(isPlain)
            && [sealedAt, changedAt].allSatisfy(isTime)
    }
}

private func isName(_ text: String) -> Bool { unsafe TextRules.check(text, TextRules.isName) }

private func isPlain(_ text: String?) -> Bool {
    text.map { unsafe TextRules.check($0, TextRules.isPlainText) } ?? true
}

private func isTime(_ time: Int64?) -> Bool {
    time.map { (0...VaultFormat.latestTime).contains($0) } ?? true
}
