package import AWSConfigGrammar
import AWSValues
package import DurableFiles

/// Why a configuration file cannot be read or edited as asked. Nothing was changed.
package enum AWSConfigError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file, its directory or a system call.
    case file(FileError)
    /// A symbolic link at `path` that leads to nothing.
    case danglingLink(path: String, target: String)
    /// The file is where nothing can be written, as in a Nix store: another tool manages it.
    case managedElsewhere(path: String, target: String)
    /// Links that lead to links, more than 16.
    case tooManyLinks(path: String)
    /// The file has, or would have, more bytes than `limit`.
    case tooLarge(limit: Int)
    /// The file has more lines than `limit`.
    case tooManyLines(limit: Int)
    /// Another program wrote the file while it was being edited.
    case changedMeanwhile(path: String)
    /// The new file, read back, was not what had been written.
    case readBackDiffers(path: String)
    /// The path of the helper cannot be written so that all clients read it.
    case invalidHelperPath(String, reason: String)
    case invalidEntryName(String)
    case invalidProfileName(String, reason: String)
    case invalidRegion(String, reason: String)
    case invalidOutput(String)
    /// The profile holds a plaintext access key, which could be moved into the vault.
    case staticKeys(profile: String, line: Int)
    /// botocore refuses the whole file, so that no profile in it would work.
    case unreadable(ConfigWarning)
    /// The profile has another source of credentials, named by `setting`.
    case otherSource(profile: String, setting: String, line: Int)
    /// The profile that is to be taken over does not assume a role.
    case noRole(profile: String)
    /// The profile runs another program for its credentials.
    case foreignProcess(profile: String, line: Int)
    /// Two sections are for the profile.
    case sectionTwice(profile: String, first: Int, second: Int)
    /// A section looks like the profile's, but botocore does not read it.
    case sectionNotRead(profile: String, line: Int)
    /// A setting that is to be changed stands twice.
    case settingTwice(name: String, first: Int, second: Int)
    /// A setting that is to be changed continues over several lines.
    case settingOverLines(name: String, line: Int)
    /// A value that is to be changed is longer than 4 KiB, not UTF-8, or contains control characters.
    case valueNotText(name: String, line: Int)

    /// What is wrong, lower case, without a full stop.
    package var description: String {
        switch self {
        case .file(let error): error.description
        case .danglingLink(let path, let target):
            "\(escaped(path)) is a symbolic link to \(escaped(target)), which does not exist"
        case .managedElsewhere(let path, let target):
            same(path, target)
                ? "\(escaped(path)) is on a read-only file system, where another tool manages it"
                : "\(escaped(path)) leads to \(escaped(target)), which you cannot write: another tool manages it"
        case .tooManyLinks(let path): "\(escaped(path)) leads through more than 16 symbolic links"
        case .tooLarge(let limit): "the file has more than \(limit >> 20) MiB"
        case .tooManyLines(let limit): "the file has more than \(limit) lines"
        case .changedMeanwhile(let path): "another program changed \(escaped(path)) at the same time"
        case .readBackDiffers(let path): "\(escaped(path)) does not read back as it was written"
        case .invalidHelperPath(let path, let reason):
            "invalid helper path \(escaped(path)): \(reason)"
        case .invalidEntryName(let name): "invalid entry name '\(escaped(name))'"
        case .invalidProfileName(let name, let reason):
            "invalid profile name '\(escaped(name))': \(reason)"
        case .invalidRegion(let region, let reason): "invalid region '\(escaped(region))': \(reason)"
        case .invalidOutput(let output): "invalid output format '\(escaped(output))'"
        case .staticKeys(let profile, let line):
            "profile '\(escaped(profile))' contains a plaintext access key (line \(line)), which most SDKs use "
                + "instead of the vault"
        case .unreadable(let warning): warning.message
        case .otherSource(let profile, let setting, let line):
            "profile '\(escaped(profile))' has another source of credentials: \(setting) (line \(line))"
        case .noRole(let profile): "profile '\(escaped(profile))' assumes no role by itself"
        case .foreignProcess(let profile, let line):
            "profile '\(escaped(profile))' runs another program for its credentials (line \(line))"
        case .sectionTwice(let profile, let first, let second):
            "profile '\(escaped(profile))' has two sections (lines \(first) and \(second))"
        case .sectionNotRead(let profile, let line):
            "line \(line) looks like profile '\(escaped(profile))', but the AWS CLI does not read it as one"
        case .settingTwice(let name, let first, let second):
            "\(name) is set twice in the profile (lines \(first) and \(second))"
        case .settingOverLines(let name, let line): "\(name) continues over several lines (from line \(line))"
        case .valueNotText(let name, let line):
            "the value of \(name) is too long or has unreadable characters (line \(line))"
        }
    }

    /// How to fix it, in the same style; nil for ``file(_:)``, whose fix depends on the program.
    package var hint: String? {
        switch self {
        case .file: nil
        case .danglingLink: "restore the file that the link points to, or remove the link"
        case .managedElsewhere:
            "add the lines that 'sealring configure NAME --dry-run' prints with that tool"
        case .tooManyLinks: "make the link point to the file itself"
        case .tooLarge, .tooManyLines: "use the file of your AWS profiles"
        case .changedMeanwhile: "try again"
        case .readBackDiffers: "check the disk; the old file is still in place"
        case .invalidHelperPath:
            "link the helper from a path without such characters, for example "
                + "ln -s HELPER /usr/local/bin/sealring-credential-process"
        case .invalidEntryName:
            EntryName.rule
        case .invalidProfileName: "choose another name with --profile"
        case .invalidRegion: "use a region such as eu-west-1"
        case .invalidOutput: "use one of \(ProfileSettings.outputs.joined(separator: ", "))"
        case .unreadable: "fix the file, then try again"
        case .staticKeys: "move the key into the vault with 'sealring import'"
        case .otherSource: "choose another profile with --profile, or remove the setting"
        case .noRole: "check the file, then try again"
        case .foreignProcess: "choose another profile with --profile, or replace the command with --force"
        case .sectionTwice: "join the two sections"
        case .sectionNotRead: "write the header without spaces or text around the brackets"
        case .settingTwice: "remove one of the two"
        case .settingOverLines: "write the value on one line"
        case .valueNotText: "correct or remove the line"
        }
    }
}
