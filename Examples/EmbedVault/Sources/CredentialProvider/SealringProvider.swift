import SealringCredentials

/// The shape of the credential providers of AWS SDKs: `CredentialProvider.getCredential` of Soto, and
/// `AWSCredentialIdentityResolver.getIdentity` of the AWS SDK for Swift.
protocol CredentialProvider: Sendable {
    func credential() async throws -> ClientCredential
}

/// What an SDK signs with: strings, in ordinary memory.
struct ClientCredential: Sendable {
    let accessKeyID: String
    let secretAccessKey: String
    let sessionToken: String?
    /// Seconds since 1970; nil for a key that does not expire.
    let expiration: Int64?
}

/// Gets credentials from the unlocked agent, and keeps them until they are about to expire.
actor SealringProvider: CredentialProvider {
    private let source: AgentCredentials
    private var cached: ClientCredential?
    private var renewal: ContinuousClock.Instant?

    init(entry: String) {
        // The environment is read here: make the provider when the program starts.
        let source = AgentCredentials(entry: entry)
        self.source = source
    }

    func credential() async throws -> ClientCredential {
        // A long-lived key is asked for each time, so that a lock reaches this program, too.
        if let cached, let renewal, ContinuousClock.now < renewal { return cached }
        let credentials = try await source.fetch()
        var token: String?
        if let bytes = credentials.sessionToken { token = String(bytes) }
        let credential = ClientCredential(
            accessKeyID: credentials.accessKeyID,
            // An SDK wants strings: from here on the secret is in its hands.
            secretAccessKey: String(credentials.secretAccessKey),
            sessionToken: token,
            expiration: credentials.expiration?.components.seconds)
        cached = credential
        renewal = credentials.timeLeft.map { ContinuousClock.now + $0 - .seconds(300) }
        return credential
    }
}

extension String {
    fileprivate init(_ bytes: RawSpan) {
        self = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
