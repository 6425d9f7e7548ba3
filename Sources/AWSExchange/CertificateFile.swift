package import DurableFiles
import Platform
import SecureMemory

/// A file of certificates that an entry trusts instead of the system's. Anyone who can write it decides which
/// servers are taken for AWS.
package enum CertificateFile {
    package enum Fault: Error, Equatable, Sendable {
        case file(FileError)
        /// It has no certificate in PEM.
        case noCertificate(path: String)

        /// Whether others could say whom to trust.
        package var isUntrusted: Bool {
            switch self {
            case .file(.foreignOwner), .file(.writableByOthers), .file(.symbolicLink): true
            default: false
            }
        }

        /// In words that name the file.
        package var reason: String {
            switch self {
            case .noCertificate(let path): "\(path) contains no certificate in PEM"
            case .file(let error): error.description
            }
        }
    }

    /// The most bytes; the system's own file has about 220 KB.
    package static let limit = 4 << 20

    /// The bytes of the file, whose owner and permissions, and those of its directory, were checked when it was
    /// open.
    package static func read(_ path: String) throws(Fault) -> [UInt8] {
        let bytes: [UInt8]
        do {
            let file = try FileHandle.open(path)
            let status = try file.status()
            try status.requireRegular(path)
            try status.requireOwn(path, orRoot: true)
            try status.requireNotWritableByOthers(path)
            try checkDirectory(of: file)
            bytes = try content(of: file)
        } catch { throw .file(error) }
        let mark = Array("-----BEGIN CERTIFICATE-----".utf8)
        guard bytes.firstRange(of: mark) != nil else { throw .noCertificate(path: path) }
        return bytes
    }

    /// In a directory that others may write to, the file could be replaced by another one of its owner's.
    private static func checkDirectory(of file: borrowing FileHandle) throws(FileError) {
        guard let place = realPath(of: file), let slash = place.lastIndex(of: "/") else {
            throw .missing(path: file.path)
        }
        let path = slash == place.startIndex ? "/" : String(place[..<slash])
        guard let status = FileStatus.of(path) else { throw .missing(path: path) }
        try status.requireOwn(path, orRoot: true)
        // Where the sticky bit is set, nobody replaces what belongs to others.
        if status.permissions & 0o1000 == 0 { try status.requireNotWritableByOthers(path) }
    }

    /// The path of an open file, without symbolic links.
    private static func realPath(of file: borrowing FileHandle) -> String? {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        #if os(Linux)
            guard unsafe readlink("/proc/self/fd/\(file.descriptor)", &path, path.count - 1) > 0 else {
                return nil
            }
        #else
            guard unsafe fcntl(file.descriptor, F_GETPATH, &path) == 0 else { return nil }
        #endif
        return String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func content(of file: borrowing FileHandle) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let got = try file.read(into: piece.mutableRawSpan)
            if got == 0 { return bytes }
            bytes += piece[..<got]
            guard bytes.count <= limit else { throw .tooLarge(path: file.path, limit: limit) }
        }
    }
}
