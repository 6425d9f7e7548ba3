import DurableFiles

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where a configuration file really is, once the symbolic links to it are followed.
struct ConfigLocation: ~Copyable {
    static let linkLimit = 16

    let directory: Directory
    let name: String

    var path: String { directory.path + "/" + name }

    /// Follows `path`, a link in a directory of dotfiles for example, to the file or to where it would be.
    ///
    /// - Returns: nil when the directory does not exist and is not to be made.
    static func find(_ path: String, makingDirectory: Bool) throws(AWSConfigError) -> ConfigLocation? {
        var current = path
        for links in 0...linkLimit {
            let (parent, name) = split(current)
            guard !name.isEmpty else { throw .file(.notRegular(path: path, found: "a directory")) }
            if links == 0, makingDirectory {
                try asConfigError { () throws(FileError) in try Directory.make(parent) }
            }
            guard let real = try realPath(parent) else {
                if links > 0 { throw .danglingLink(path: path, target: current) }
                return nil
            }
            let directory = try Self.open(real, strict: false)
            guard let status = try asConfigError({ () throws(FileError) in try directory.status(of: name) })
            else {
                if links > 0 { throw .danglingLink(path: path, target: current) }
                return ConfigLocation(directory: try Self.open(real, strict: true), name: name)
            }
            guard status.isSymbolicLink else {
                return ConfigLocation(directory: try Self.open(real, strict: true), name: name)
            }
            // In a directory that others write to, a foreign link could lead us to any file of ours.
            try asConfigError { () throws(FileError) in try status.requireOwn(real + "/" + name, orRoot: true)
            }
            do throws(FileError) {
                // Only a link that is no link any more opens; the next round sees what it is.
                _ = try directory.open(name)
            } catch .symbolicLink(_, let target) {
                current = target.hasPrefix("/") ? target : real + "/" + target
            } catch {
                throw .file(error)
            }
        }
        throw .tooManyLinks(path: path)
    }

    private static func open(_ path: String, strict: Bool) throws(AWSConfigError) -> Directory {
        do throws(FileError) {
            return try Directory(path, strict: strict)
        } catch {
            throw .file(error)
        }
    }

    private static func split(_ path: String) -> (parent: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let parent = path[..<slash]
        return (parent.isEmpty ? "/" : String(parent), String(path[path.index(after: slash)...]))
    }

    /// The directory's path without links; nil when it does not exist.
    private static func realPath(_ path: String) throws(AWSConfigError) -> String? {
        guard let resolved = unsafe realpath(path, nil) else {
            if errno == ENOENT { return nil }
            throw .file(.system(call: "realpath", path: path, code: errno))
        }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }
}

/// Runs a call on a file, its error as one of this module.
func asConfigError<Result: ~Copyable>(
    _ body: () throws(FileError) -> Result
) throws(AWSConfigError) -> Result {
    do throws(FileError) {
        return try body()
    } catch {
        throw .file(error)
    }
}
