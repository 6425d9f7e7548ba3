package import SecureMemory

/// Why nothing of a source can be imported.
package enum ImportError: Error, Equatable, Sendable {
    /// Nothing but blanks and comments.
    case empty
    /// More bytes than are read.
    case tooLarge(limit: Int)
    /// More keys and bad rows than a vault holds.
    case tooManyEntries(limit: Int)
    /// A settings file with more lines than are read.
    case tooManyLines(limit: Int)
    /// Zero bytes or broken UTF-16: no text.
    case binary
    /// Text of no known kind.
    case notRecognised
    /// A file of a known kind without a key in it.
    case noKeys(ImportFormat)
    /// A table whose first row is a key already.
    case noHeader
    /// A table without the named column.
    case missingColumn(String)
    /// A table with neither the column of the id nor that of the secret.
    case missingKeyColumns
    /// A table that has the named column twice.
    case duplicateColumn(String)
    /// Settings without a section above them, as in a shell or `.env` file.
    case settingsWithoutSection(line: Int)
    /// JSON that breaks the grammar or a bound.
    case malformedJSON(line: Int, reason: String)
    /// User name and password for Amazon SES's mail server.
    case smtpCredentials
    /// An API key for Amazon Bedrock.
    case bedrockAPIKey
    /// User name and password for git on AWS CodeCommit.
    case codeCommitCredentials
    /// A table of user names, passwords and more, as password managers export them.
    case passwordManager
    /// A credential of `aws iam create-service-specific-credential`.
    case serviceSpecificCredential
    /// The file of a new user with a console password and no key.
    case consolePassword
    /// `aws iam list-access-keys`, which tells ids only.
    case keyListing
    /// An EC2 key pair, or another PEM or PuTTY file.
    case privateKey
    /// The variables of the environment give no key.
    case environment(String)
    /// Secret memory could not be had.
    case memory(SecureMemoryError)

    /// What is wrong, lower case, without a full stop.
    package var reason: String {
        switch self {
        case .empty: "there is nothing in the file, or comments only"
        case .tooLarge(let limit): "the file has more than \(limit >> 20) MiB"
        case .tooManyEntries(let limit): "the file has more than \(limit) keys and bad rows"
        case .tooManyLines(let limit): "the file has more than \(limit) lines"
        case .binary: "the file is no text"
        case .notRecognised: "the file has no format that is known to hold access keys"
        case .noKeys(let format): "\(format.article) without an access key in it"
        case .noHeader: "the table has no header that names its columns"
        case .missingColumn(let name): "the table is missing the column '\(name)'"
        case .missingKeyColumns:
            "the table is missing the columns 'Access key ID' and 'Secret access key'"
        case .duplicateColumn(let name): "the table has the column '\(name)' twice"
        case .settingsWithoutSection(let line): "line \(line): settings without a [section] above them"
        case .malformedJSON(let line, let reason): "line \(line): malformed JSON: \(reason)"
        case .smtpCredentials:
            "this is the SMTP user name and password of Amazon SES; the user name looks like an access key id, "
                + "but the password is no secret access key"
        case .bedrockAPIKey: "this is an API key for Amazon Bedrock, not an access key"
        case .codeCommitCredentials:
            "this is a user name and password, as AWS CodeCommit issues them for git, not an access key"
        case .passwordManager:
            "this looks like a password manager's export: it has user names and passwords, and no column that "
                + "is known to hold access keys"
        case .serviceSpecificCredential: "this is a credential for one service, not an access key"
        case .consolePassword: "this file of a new user holds a console password and no access key"
        case .keyListing: "this is a listing of access key ids without their secrets"
        case .privateKey: "this is a private key or certificate, such as an EC2 key pair, not an access key"
        case .environment(let reason): reason
        case .memory(.cannotAllocate(let count, _)): "there is no memory for \(count) secret bytes"
        case .memory(.cannotLock(let count, _)):
            "the system does not let \(count) secret bytes be locked in memory"
        }
    }

    /// The cure, where there is one, in the same style.
    package var hint: String? {
        switch self {
        case .empty, .keyListing: "AWS tells a secret access key once, when it is created: import that file"
        case .tooLarge: "give the file that AWS made, not an archive or an export of something else"
        case .tooManyEntries, .tooManyLines: "split the file"
        case .binary:
            "save a spreadsheet as CSV first; text is read as UTF-8, or as UTF-16 with a byte order mark"
        case .notRecognised, .noKeys:
            "files with keys: the console's CSV, rootkey.csv, ~/.aws/credentials, the JSON of "
                + "'aws iam create-access-key'"
        case .passwordManager:
            "export that item alone, and name its columns in the first line: Access key ID,Secret access key"
        case .noHeader, .missingColumn, .missingKeyColumns:
            "the first line must name the columns, for example: Access key ID,Secret access key"
        case .duplicateColumn: "remove one of the two columns"
        case .settingsWithoutSection:
            "put a line such as [default] above them, or write them as AWS_ACCESS_KEY_ID=… without blanks"
        case .malformedJSON: "give the output of the AWS command unchanged"
        case .smtpCredentials: "keep it in your mail software; a vault entry of it would sign nothing"
        case .bedrockAPIKey: "it goes into AWS_BEARER_TOKEN_BEDROCK; this vault holds access keys only"
        case .codeCommitCredentials, .serviceSpecificCredential:
            "such credentials cannot sign AWS requests; this vault holds access keys only"
        case .consolePassword:
            "make a key in the IAM console (user, Security credentials, Create access key) and download its "
                + "NAME_accessKeys.csv, or run 'aws iam create-access-key'"
        case .privateKey: "keep it with your SSH keys; this vault holds access keys only"
        case .environment:
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN for ASIA… keys"
        case .memory(.cannotLock): "raise the limit on locked memory (ulimit -l)"
        case .memory(.cannotAllocate): nil
        }
    }
}

extension ImportFormat {
    fileprivate var article: String {
        switch self {
        case .accessKeyCSV: "a table"
        case .rootKeyCSV: "a root key file"
        case .ini: "a settings file"
        case .json: "JSON"
        case .dotenv: "a file of variables"
        case .environment: "an environment"
        }
    }
}
