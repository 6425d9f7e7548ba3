import FuzzTargets

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The files of `Tests/Fuzzing/corpus`.
enum Corpus {
    struct ReadError: Error {
        let path: String
        let code: Int32
    }

    static func inputs(for target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let folder = root + "/" + target.rawValue
        return try names(in: folder).map { ($0, try bytes(of: folder + "/" + $0)) }
    }

    private static let root =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        .joined(separator: "/") + "/Fuzzing/corpus"

    private static func names(in folder: String) throws -> [String] {
        guard let stream = unsafe opendir(folder) else { throw ReadError(path: folder, code: errno) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func bytes(of path: String) throws -> [UInt8] {
        let file = unsafe open(path, O_RDONLY)
        guard file >= 0 else { throw ReadError(path: path, code: errno) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let got = unsafe piece.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
            guard got >= 0 else { throw ReadError(path: path, code: errno) }
            if got == 0 { return bytes }
            bytes += piece[..<got]
        }
    }
}
