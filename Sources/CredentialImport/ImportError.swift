package import SecureMemory

/// Why nothing of a source can be imported.
package enum ImportError: Error, Equatable, Sendable, CustomStringConvertible {
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
    /// The output of `aws iam list-access-keys`, which contains only IDs.
    case keyListing
    /// An EC2 key pair, or another PEM or PuTTY file.
    case privateKey
    /// The variables of the environment give no key.
    case environment(String)
    /// Secret memory could not be allocated.
    case memory(SecureMemoryError)

    /// What is wrong, lower case, without a full stop.
    package var description: String {
        switch self {
        case .empty: "the file contains nothing but blank lines and comments"
        case .tooLarge(let limit): "the file has more than \(limit >> 20) MiB"
        case .tooManyEntries(let limit): "the file has more than \(limit) keys and bad rows"
        case .tooManyLines(let limit): "the file has more than \(limit) lines"
        case .binary: "the file is not text"
        case .notRecognised: "unknown file format"
        case .noKeys(let format): "\(format.name) contains no access key"
        case .noHeader: "the table has no header line"
        case .missingColumn(let name): "the table is missing the column '\(name)'"
        case .missingKeyColumns:
            "the table is missing the columns 'Access key ID' and 'Secret access key'"
        case .duplicateColumn(let name): "the table has the column '\(name)' twice"
        case .settingsWithoutSection(let line): "line \(line): settings without a [section] above them"
        case .malformedJSON(let line, let reason): "line \(line): invalid JSON: \(reason)"
        case .smtpCredentials:
            "this is an SMTP user name and password of Amazon SES; the password is not a secret access key"
        case .bedrockAPIKey: "this is an API key for Amazon Bedrock, not an access key"
        case .codeCommitCredentials:
            "this is a user name and password for Git on AWS CodeCommit, not an access key"
        case .passwordManager:
            "this looks like a password manager's export: none of its columns holds access keys"
        case .serviceSpecificCredential: "this is a credential for one service, not an access key"
        case .consolePassword: "this file contains a new user's console password, but no access key"
        case .keyListing: "this is a list of access key IDs without secrets"
        case .privateKey: "this is a private key or certificate, such as an EC2 key pair, not an access key"
        case .environment(let reason): reason
        case .memory(let error): error.description
        }
    }

    /// How to fix it, if there is a way, in the same style.
    package var hint: String? {
        switch self {
        case .empty, .keyListing:
            "AWS shows a secret access key only when it creates it: import the file from then"
        case .tooLarge: "import the file from AWS itself, not an archive"
        case .tooManyEntries, .tooManyLines: "split the file"
        case .binary:
            "save a spreadsheet as CSV; text must be UTF-8, or UTF-16 with a byte order mark"
        case .notRecognised, .noKeys:
            "supported are the console's CSV, rootkey.csv, ~/.aws/credentials, .env files and the JSON of "
                + "'aws iam create-access-key'"
        case .passwordManager:
            "export that item alone, and make its first line: Access key ID,Secret access key"
        case .noHeader, .missingColumn, .missingKeyColumns:
            "make the first line name the columns, for example: Access key ID,Secret access key"
        case .duplicateColumn: "remove one of the two columns"
        case .settingsWithoutSection:
            "put a line such as [default] above them, or write AWS_ACCESS_KEY_ID=… without spaces"
        case .malformedJSON: "import the AWS command's output unchanged"
        case .smtpCredentials: "keep it in your mail software: it cannot sign AWS requests"
        case .bedrockAPIKey: "set it as AWS_BEARER_TOKEN_BEDROCK; the vault stores only access keys"
        case .codeCommitCredentials, .serviceSpecificCredential:
            "it cannot sign AWS requests; the vault stores only access keys"
        case .consolePassword:
            "create a key in the IAM console (user, Security credentials, Create access key) and download "
                + "NAME_accessKeys.csv, or run 'aws iam create-access-key'"
        case .privateKey: "keep it with your SSH keys; the vault stores only access keys"
        case .environment:
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and for ASIA… keys AWS_SESSION_TOKEN"
        case .memory(.cannotLock): "raise the limit, see 'ulimit -l'"
        case .memory(.cannotAllocate): nil
        }
    }
}

extension ImportFormat {
    fileprivate var name: String {
        switch self {
        case .accessKeyCSV: "the table"
        case .rootKeyCSV: "the root key file"
        case .ini: "the settings file"
        case .json: "the JSON"
        case .dotenv: "the file"
        case .environment: "the environment"
        }
    }
}
