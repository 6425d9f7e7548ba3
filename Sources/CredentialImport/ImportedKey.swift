/// The kinds of sources that keys come from.
package enum ImportFormat: String, Sendable {
    /// A table with a header, as the AWS console writes it.
    case accessKeyCSV = "csv"
    /// The console's `rootkey.csv`, in its old form or its new one.
    case rootKeyCSV = "rootkey"
    /// `~/.aws/credentials` or `~/.aws/config`.
    case ini = "ini"
    /// What `aws iam create-access-key`, STS or a `credential_process` prints.
    case json = "json"
    /// A file of `AWS_ACCESS_KEY_ID=…` lines.
    case dotenv = "dotenv"
    /// `AWS_ACCESS_KEY_ID` and the related variables.
    case environment = "environment"
}

/// The bounds within which a source is read; what passes them is refused.
package enum ImportLimits {
    /// The size of a source.
    package static let fileBytes = 4 << 20
    /// Keys and bad rows together.
    package static let entries = 4096
    /// A secret access key.
    package static let secretBytes = 4096
    /// The shortest secret access key accepted without `--force`; AWS issues 40 characters, and shorter ones are most
    /// often a piece of one.
    package static let shortestSecret = 16
    /// A session token: an answer to an AWS client must stay under 8 KiB.
    package static let sessionTokenBytes = 6144
    /// A user name, a profile, a region.
    package static let textBytes = 4096
    /// A row of a table, a string in JSON.
    package static let lineBytes = 64 << 10
    /// The columns of a table that are looked at; later ones are ignored.
    package static let columns = 256
    /// Arrays and objects of JSON inside each other.
    package static let jsonDepth = 16
}

/// One key found. Its secret parts are ranges in the document's bytes, so that no secret is copied.
package struct ImportedKey: Sendable, Equatable {
    /// Where the key begins in the source, from 1; 0 for the environment.
    package var line: Int
    /// The access key id, `[A-Z0-9]{16,128}`.
    package var accessKeyID: String
    /// The secret access key: 1 to 4096 printable ASCII characters.
    package var secretAccessKey: Range<Int>
    /// The session token of temporary credentials: 1 to 6144 printable ASCII characters.
    package var sessionToken: Range<Int>?
    /// When temporary credentials end, in Unix seconds.
    package var expiration: Int64?
    /// When the key was created at AWS, in Unix seconds.
    package var createdAt: Int64?
    /// The account of 12 digits: as the source says, else decoded from the access key id.
    package var accountID: String?
    /// The IAM user, when the source names one.
    package var userName: String?
    /// The profile, for settings files.
    package var profile: String?
    /// The region, for settings files and the environment.
    package var region: String?
    /// The MFA device that a settings file names beside the key.
    package var mfaSerial: String?
    /// A name for the entry that satisfies `[A-Za-z][A-Za-z0-9._@+/-]{0,127}`; not unique in a document.
    package var suggestedName: String
    /// The text that the name was made of.
    package var nameText: String?
    /// What a person should know about this key; nothing that keeps it from being imported.
    package var warnings: [ImportWarning]

    /// Whether the file says that the key belongs to the root user of an account.
    package var isRootKey: Bool { warnings.contains(.rootKey) }
}

/// Something unusual about a key that is accepted nevertheless.
package enum ImportWarning: Sendable, Equatable {
    /// The access key id is not `AKIA` or `ASIA` and 16 characters of base32.
    case unusualAccessKeyID
    /// The secret access key is not 40 characters of base64.
    case unusualSecret
    /// The key belongs to the root user.
    case rootKey
    /// AWS has marked the key inactive.
    case inactive
    /// The account in the source is another than the one in the access key id.
    case accountMismatch(decoded: String)

    /// The warning in words, lower case, without a full stop.
    package var text: String {
        switch self {
        case .unusualAccessKeyID:
            "unusual access key ID: AWS issues AKIA or ASIA and 16 characters of A-Z and 2-7"
        case .unusualSecret:
            "unusual secret access key: AWS issues 40 characters of base64"
        case .rootKey:
            "this is a key of the root user, which should have none: use an IAM user or role instead"
        case .inactive:
            "the key was inactive when this file was written"
        case .accountMismatch(let decoded):
            "the access key ID belongs to account \(decoded), not to the one in the file"
        }
    }
}

/// A row, section or object that contains no usable key.
package struct ImportProblem: Sendable, Equatable {
    /// Where it is in the source, from 1.
    package var line: Int
    /// What is wrong, free of secrets and of control characters.
    package var reason: String
    /// The profile whose key it is, for settings files.
    package var profile: String?
}

/// A profile of a settings file that assumes a role.
package struct ImportedRole: Sendable, Equatable {
    package let profile: String
    /// The line of `role_arn`, counted from 1.
    package let line: Int
}

/// The keys and the problems of a source, in its order.
struct Findings {
    private(set) var keys: [ImportedKey] = []
    private(set) var problems: [ImportProblem] = []
    private(set) var notes: [String] = []
    private(set) var roles: [ImportedRole] = []
    /// The time at which temporary credentials must not have ended.
    let now: Int64

    /// Whether a secret may have fewer characters than ``ImportLimits/shortestSecret``.
    let acceptsShortSecrets: Bool

    init(now: Int64, acceptsShortSecrets: Bool) {
        self.now = now
        self.acceptsShortSecrets = acceptsShortSecrets
    }

    var isEmpty: Bool { keys.isEmpty && problems.isEmpty }

    mutating func add(_ draft: KeyDraft, from source: SourceName, in bytes: Span<UInt8>) throws(ImportError) {
        switch draft.checked(source, bytes, now: now, acceptsShortSecrets: acceptsShortSecrets) {
        case .success(let key):
            try makeRoom()
            keys.append(key)
        case .failure(let fault):
            let place = draft.profile.map { "profile '\(escaped($0))': " } ?? ""
            let line = fault.part.flatMap { draft.lineOfPart[$0.lowerBound] } ?? draft.line
            try add(problem: place + fault.reason, line: line, profile: draft.profile)
        }
    }

    mutating func add(problem reason: String, line: Int, profile: String? = nil) throws(ImportError) {
        try makeRoom()
        problems.append(ImportProblem(line: line, reason: reason, profile: profile))
    }

    /// Notes what a person should know of the source; at most 32 are kept.
    mutating func note(_ text: String) {
        if notes.count < 32 { notes.append(text) }
    }

    mutating func add(role profile: String, line: Int) {
        roles.append(ImportedRole(profile: profile, line: line))
    }

    private func makeRoom() throws(ImportError) {
        guard keys.count + problems.count < ImportLimits.entries else {
            throw .tooManyEntries(limit: ImportLimits.entries)
        }
    }
}
