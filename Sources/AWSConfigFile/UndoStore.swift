import AWSConfigGrammar
import AWSValues
import DurableFiles
import SecureMemory

/// The records of our edits, one small file for each profile of each configuration file.
///
/// A record is written before the edit that it takes back. The one before is kept as a second name, so
/// that a crash between the two leaves the record of what the file still says.
package struct UndoStore: Sendable {
    /// The state directory.
    package let directory: String

    package init(directory: String) {
        self.directory = directory
    }

    /// What is known of a profile.
    struct Records {
        var current: UndoRecord?
        var previous: UndoRecord?
        var isDamaged = false

        /// The newest first.
        var all: [UndoRecord] { [current, previous].compactMap { $0 } }
    }

    /// The records for a profile.
    ///
    /// - Parameter path: the configuration file's path without symbolic links.
    func load(path: String, profile: String) throws(AWSConfigError) -> Records {
        var records = Records()
        let name = Self.name(path: path, profile: profile)
        for (name, place) in [(name, \Records.current), (Self.previous(name), \Records.previous)] {
            guard let text = try read(name) else { continue }
            let record = text.flatMap { UndoRecord($0, path: path, profile: profile) }
            if record == nil { records.isDamaged = true }
            records[keyPath: place] = record
        }
        return records
    }

    /// - Parameter keepingCurrent: whether the record before becomes the previous one; not where the
    ///   previous one is what fits the file, since an edit failed.
    func save(_ record: UndoRecord, path: String, keepingCurrent: Bool) throws(AWSConfigError) {
        let name = Self.name(path: path, profile: record.profile)
        let text = record.encoded(path: path)
        do {
            try Directory.make(directory)
            let directory = try Directory(directory)
            let lock = try FileLock("\(Self.prefix)lock", in: directory, seconds: 5)
            let replacement = Replacement(
                name: name, previous: keepingCurrent ? .kept(Self.previous(name)) : .none)
            try replacement.write(in: directory) { file in
                try file.write(text.utf8.span.rawSpan)
            } verify: { written in
                let back = try written.readAll(limit: UndoRecord.sizeLimit)
                let read = Self.text(back).flatMap { UndoRecord($0, path: path, profile: record.profile) }
                guard read == record else { throw AWSConfigError.readBackDiffers(path: written.path) }
            }
            extendLifetime(lock)
        } catch {
            throw AWSConfigError(error)
        }
    }

    /// Forgets the records for a profile.
    func remove(path: String, profile: String) throws(AWSConfigError) {
        let name = Self.name(path: path, profile: profile)
        try asConfigError { () throws(FileError) in
            do throws(FileError) {
                let directory = try Directory(directory)
                try directory.remove(name)
                try directory.remove(Self.previous(name))
            } catch .missing {
                return
            }
        }
    }

    /// The text of a record: nil when there is none, `.some(nil)` when it cannot be one.
    private func read(_ name: String) throws(AWSConfigError) -> String?? {
        do throws(FileError) {
            let file = try Directory(directory).open(name)
            let status = try file.status()
            try status.requireRegular(file.path)
            try status.requireOwn(file.path)
            try status.requireNotWritableByOthers(file.path)
            let bytes = try file.readAll(limit: UndoRecord.sizeLimit)
            return .some(Self.text(bytes))
        } catch .missing {
            return .none
        } catch .tooLarge, .notRegular, .symbolicLink {
            return .some(nil)
        } catch {
            throw .file(error)
        }
    }

    private static func text(_ bytes: borrowing SecretBytes) -> String? {
        bytes.bytes.octets.text(0..<bytes.count, limit: UndoRecord.sizeLimit)
    }

    private static let prefix = "aws-config-"

    private static func previous(_ name: String) -> String { name + ".previous" }

    /// The record's file name: a hash, since a path is longer than a name may be. The record itself says
    /// what it is for, so that two of one hash are not mixed up.
    private static func name(path: String, profile: String) -> String {
        var hash: UInt128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D
        for byte in path.utf8 + [0] + profile.utf8 {
            // FNV-1a, 128 bits: it keeps apart what is not made to collide.
            hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013B
        }
        return prefix + Hex.text(hash)
    }
}
