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

    /// The records for a profile, the newest first.
    ///
    /// - Parameter path: the configuration file's path without symbolic links.
    /// - Returns: the records that can be read, and whether one was damaged.
    func load(path: String, profile: String) throws(AWSConfigError) -> (
        records: [UndoRecord], isDamaged: Bool
    ) {
        var records: [UndoRecord] = []
        var isDamaged = false
        let name = Self.name(path: path, profile: profile)
        for candidate in [name, Self.previous(name)] {
            switch try read(candidate) {
            case .none: continue
            case .some(let text):
                if let record = text.flatMap({ UndoRecord($0, path: path, profile: profile) }) {
                    records.append(record)
                } else {
                    isDamaged = true
                }
            }
        }
        return (records, isDamaged)
    }

    func save(_ record: UndoRecord, path: String) throws(AWSConfigError) {
        do {
            try Directory.make(directory)
            let directory = try Directory(directory)
            let name = Self.name(path: path, profile: record.profile)
            let lock = try FileLock("\(Self.prefix)lock", in: directory, seconds: 5)
            let text = record.encoded(path: path)
            let bytes = Array(text.utf8)
            try Replacement(name: name, previous: .kept(Self.previous(name))).write(in: directory) { file in
                try unsafe bytes.withUnsafeBytes { try unsafe file.write($0) }
            } verify: { written in
                let back = try written.readAll(limit: UndoRecord.sizeLimit)
                let read = back.withSpan { $0.text(0..<$0.count, limit: UndoRecord.sizeLimit) }
                guard let read, same(read, text) else {
                    throw AWSConfigError.readBackDiffers(path: written.path)
                }
            }
            extendLifetime(lock)
        } catch let error as FileError {
            throw .file(error)
        } catch let error as AWSConfigError {
            throw error
        } catch {
            preconditionFailure("no other error is thrown here")
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
            return .some(bytes.withSpan { $0.text(0..<$0.count, limit: UndoRecord.sizeLimit) })
        } catch .missing {
            return .none
        } catch .tooLarge, .notRegular, .symbolicLink {
            return .some(nil)
        } catch {
            throw .file(error)
        }
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
        let digits = String(hash, radix: 16)
        return prefix + String(repeating: "0", count: 32 - digits.count) + digits
    }
}
