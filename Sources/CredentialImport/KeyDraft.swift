import AWSValues
import Platform

/// The parts of one key as they stand in the source, unchecked, as ranges in its bytes.
struct KeyDraft {
    var line: Int
    var accessKeyID: Range<Int>?
    var secretAccessKey: Range<Int>?
    var sessionToken: Range<Int>?
    var expiration: Range<Int>?
    var createdAt: Range<Int>?
    var accountID: Range<Int>?
    var userName: Range<Int>?
    var region: Range<Int>?
    var mfaSerial: Range<Int>?
    var profile: String?
    var isRootKey = false
    var isInactive = false
    /// The lines of the parts by where they begin, where those are lines of their own.
    var lineOfPart: [Int: Int] = [:]
}

/// Why a draft is not a key. The text never repeats the source: a shifted column may be a secret.
struct KeyFault: Error {
    let reason: String
    /// The part that is at fault.
    var part: Range<Int>?
}

extension KeyDraft {
    func checked(
        _ source: SourceName, _ bytes: Span<UInt8>, now: Int64, acceptsShortSecrets: Bool
    ) -> Result<ImportedKey, KeyFault> {
        do throws(KeyFault) {
            return .success(
                try key(source, bytes, now: now, acceptsShortSecrets: acceptsShortSecrets))
        } catch {
            return .failure(error)
        }
    }

    private func key(
        _ source: SourceName, _ bytes: Span<UInt8>, now: Int64, acceptsShortSecrets: Bool
    ) throws(KeyFault) -> ImportedKey {
        let id = try checkedID(bytes)
        let secret = try checkedSecret(bytes, acceptsShort: acceptsShortSecrets)
        let token = sessionToken.filled
        if let token, !isPrintable(bytes.extracting(token), atMost: ImportLimits.sessionTokenBytes) {
            throw KeyFault(
                reason:
                    "invalid session token: it must have 1 to \(ImportLimits.sessionTokenBytes) printable characters",
                part: token)
        }
        if token == nil, AccessKeyID.needsSessionToken(id) {
            throw KeyFault(
                reason:
                    "\(id) belongs to temporary credentials, which need a session token")
        }
        let user = try text(userName, "the user name", bytes)
        let nameText = profile ?? user ?? source.label ?? id
        var key = ImportedKey(
            line: line, accessKeyID: id, secretAccessKey: secret, sessionToken: token,
            expiration: try checkedExpiration(bytes, now: now),
            createdAt: try creationTime(bytes),
            accountID: try checkedAccount(bytes), userName: user, profile: profile,
            region: try checkedRegion(bytes), mfaSerial: try text(mfaSerial, "the MFA device", bytes),
            suggestedName: EntryName.cleaned(nameText), nameText: nameText, warnings: [])

        if AccessKeyID.classify(id) == .unusual { key.warnings.append(.unusualAccessKeyID) }
        if !ImportWarning.isUsualSecret(bytes.extracting(secret)) { key.warnings.append(.unusualSecret) }
        if isRootKey { key.warnings.append(.rootKey) }
        if isInactive { key.warnings.append(.inactive) }
        if let decoded = AccessKeyID.accountID(of: id) {
            if let given = key.accountID, given != decoded {
                key.warnings.append(.accountMismatch(decoded: decoded))
            }
            key.accountID = key.accountID ?? decoded
        }
        return key
    }

    /// The id becomes a `String` only once it is known to be one: the column may hold a secret by mistake.
    private func checkedID(_ bytes: Span<UInt8>) throws(KeyFault) -> String {
        guard let range = accessKeyID.filled else { throw KeyFault(reason: "the access key ID is missing") }
        let field = bytes.extracting(range)
        guard AccessKeyID.isValid(field), let id = validatedText(field) else {
            throw KeyFault(reason: "invalid access key ID: \(AccessKeyID.rule)", part: range)
        }
        return id
    }

    private func checkedSecret(
        _ bytes: Span<UInt8>, acceptsShort: Bool
    ) throws(KeyFault) -> Range<Int> {
        guard let range = secretAccessKey.filled else {
            throw KeyFault(reason: "the secret access key is missing")
        }
        guard isPrintable(bytes.extracting(range), atMost: ImportLimits.secretBytes) else {
            throw KeyFault(
                reason:
                    "invalid secret access key: it must have 1 to \(ImportLimits.secretBytes) printable characters",
                part: range)
        }
        guard acceptsShort || range.count >= ImportLimits.shortestSecret else {
            throw KeyFault(
                reason:
                    "the secret access key has fewer than \(ImportLimits.shortestSecret) characters; AWS issues 40 (if it is complete, use --force)",
                part: range)
        }
        return range
    }

    private func checkedAccount(_ bytes: Span<UInt8>) throws(KeyFault) -> String? {
        guard let range = accountID.filled else { return nil }
        guard AccountID.isValid(bytes.extracting(range)) else {
            throw KeyFault(reason: "invalid account ID: \(AccountID.rule)", part: range)
        }
        return validatedText(bytes.extracting(range))
    }

    /// The region becomes a part of host names, so it is held to the rule for all regions.
    private func checkedRegion(_ bytes: Span<UInt8>) throws(KeyFault) -> String? {
        guard let range = region.filled else { return nil }
        guard range.count <= 4 * AWSRegion.limit, let text = validatedText(bytes.extracting(range)) else {
            throw KeyFault(reason: "invalid region: \(AWSRegion.Fault.form.reason)", part: range)
        }
        do { try AWSRegion.check(text) } catch {
            throw KeyFault(reason: "invalid region: \(error.reason)", part: range)
        }
        return text
    }

    private func text(_ range: Range<Int>?, _ what: String, _ bytes: Span<UInt8>) throws(KeyFault) -> String?
    {
        // Tables lost their blanks already; the same text is to come of JSON.
        guard let range = range.map({ trimmed($0, bytes) }).filled else { return nil }
        guard range.count <= ImportLimits.textBytes else {
            throw KeyFault(reason: "\(what) is longer than \(ImportLimits.textBytes) bytes", part: range)
        }
        guard let text = validatedText(bytes.extracting(range)) else {
            throw KeyFault(reason: "\(what) is not UTF-8 or contains control characters", part: range)
        }
        return text
    }

    private func creationTime(_ bytes: Span<UInt8>) throws(KeyFault) -> Int64? {
        guard let range = createdAt.filled else { return nil }
        guard let seconds = Timestamp.seconds(bytes.extracting(range)) else {
            throw KeyFault(
                reason: "invalid creation date: use a time such as 2026-01-31T12:00:00Z", part: range)
        }
        return seconds
    }

    /// - Throws: also when the credentials have ended.
    private func checkedExpiration(_ bytes: Span<UInt8>, now: Int64) throws(KeyFault) -> Int64? {
        guard let range = expiration.filled else { return nil }
        guard let seconds = Timestamp.secondsOfExpiration(bytes.extracting(range)) else {
            throw KeyFault(reason: "invalid expiration: use a time such as 2026-01-31T12:00:00Z", part: range)
        }
        guard seconds > now else {
            throw KeyFault(
                reason: "these temporary credentials expired at \(LocalTime.text(seconds)); get new ones",
                part: range)
        }
        return seconds
    }
}

private func isPrintable(_ bytes: Span<UInt8>, atMost limit: Int) -> Bool {
    bytes.count <= limit && bytes.allSatisfy(\.isVisible)
}

extension ImportWarning {
    /// Whether a secret access key looks as AWS issues them; the opposite is ``unusualSecret``.
    package static func isUsualSecret(_ bytes: Span<UInt8>) -> Bool {
        bytes.count == 40
            && bytes.allSatisfy { byte in
                byte.isLetter || byte.isDigit || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
            }
    }
}

extension Range<Int> {
    /// The range, unless it is empty.
    var filled: Range<Int>? { isEmpty ? nil : self }
}

extension Range<Int>? {
    /// The range, unless there is none or it is empty: a blank field is a field left out.
    var filled: Range<Int>? {
        guard let self, !self.isEmpty else { return nil }
        return self
    }
}
