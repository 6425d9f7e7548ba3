import AWSConfigGrammar
import DurableFiles
import Platform

/// Where a configuration file really is, once the symbolic links to it are followed.
struct ConfigLocation: ~Copyable {
    static let linkLimit = 16

    let directory: Directory
    let name: String
    /// The path that led here.
    private let given: String
    /// Whether links did.
    private let isLinked: Bool

    private init(_ directory: consuming Directory, _ name: String, given: String, isLinked: Bool) {
        self.directory = directory
        self.name = name
        self.given = given
        self.isLinked = isLinked
    }

    var path: String { directory.path + "/" + name }

    /// What keeps us from writing there, or nil. Nothing is written into a directory that others write to; one
    /// that a link leads to and that is root's, or that nobody can write to, belongs to a tool that manages it.
    func obstacle() throws(AWSConfigError) -> AWSConfigError? {
        let status = try asConfigError { () throws(FileError) in try directory.handle.status() }
        let isWritable = unsafe faccessat(directory.handle.descriptor, ".", W_OK, 0) == 0
        let isReadOnly = !isWritable && errno == EROFS
        let isOwn = status.owner == geteuid()
        if isReadOnly || (isLinked && (!isOwn || !isWritable)) {
            return .managedElsewhere(path: given, target: path)
        }
        do throws(FileError) {
            try status.requireOwn(directory.path)
            try status.requireNotWritableByOthers(directory.path)
            return nil
        } catch {
            return .file(error)
        }
    }

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
            let directory = try Self.open(real)
            let isLinked = links > 0 || (parent.hasPrefix("/") && !same(real, parent))
            guard let status = try asConfigError({ () throws(FileError) in try directory.status(of: name) })
            else {
                if links > 0 { throw .danglingLink(path: path, target: current) }
                try requireTrusted(directory)
                return ConfigLocation(directory, name, given: path, isLinked: isLinked)
            }
            guard status.isSymbolicLink else {
                try requireTrusted(directory)
                return ConfigLocation(directory, name, given: path, isLinked: isLinked)
            }
            // In a directory that others write to, a foreign link could lead us to any file of ours.
            try asConfigError { () throws(FileError) in try status.requireOwn(real + "/" + name, orRoot: true)
            }
            do throws(FileError) {
                // Only something that is no longer a link opens; the next round sees what it is.
                _ = try directory.open(name)
            } catch .symbolicLink(_, let target) {
                current = target.hasPrefix("/") ? target : real + "/" + target
            } catch {
                throw .file(error)
            }
        }
        throw .tooManyLinks(path: path)
    }

    private static func open(_ path: String) throws(AWSConfigError) -> Directory {
        do throws(FileError) {
            return try Directory(path, strict: false)
        } catch {
            throw .file(error)
        }
    }

    /// A file is read in a directory where nobody but we and root can put another in its place: a Nix store is
    /// open to the group of its builders, and sticky.
    private static func requireTrusted(_ directory: borrowing Directory) throws(AWSConfigError) {
        do throws(FileError) {
            let status = try directory.handle.status()
            try status.requireOwn(directory.path, orRoot: true)
            if status.permissions & 0o1000 == 0 { try status.requireNotWritableByOthers(directory.path) }
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

extension AWSConfigError {
    /// What the replacement of a file throws: an error of the file, or one of this module.
    init(_ error: any Error) {
        switch error {
        case let error as FileError: self = .file(error)
        case let error as AWSConfigError: self = error
        default: preconditionFailure("no other error is thrown here")
        }
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
