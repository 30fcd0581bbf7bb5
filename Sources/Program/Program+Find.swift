internal import Glibc
public import Process
public import SystemPackage

/// Whether there is a program to run, told before it is needed.
extension Program {
    /// The absolute path of a program: what holds a slash is a path, relative to the working directory, and any other
    /// name is looked for in the absolute directories of `PATH`.
    ///
    /// - Throws: why what is there can't be run; of several in `PATH`, of the first that stands.
    public static func find(_ name: String) throws(StartProblem) -> FilePath {
        if name.contains("/") {
            let path = absolute(FilePath(name))
            if let problem = problem(of: path) { throw problem }
            return path
        }
        var first = StartProblem.notFound
        for directory in searchPath where directory.hasPrefix("/") && !name.isEmpty {
            let path = FilePath(directory).appending(name)
            guard let problem = problem(of: path) else { return path }
            if first == .notFound { first = problem }
        }
        throw first
    }

    /// Why the file at a path can't be run, as far as that can be seen without running it; `nil` if nothing is wrong.
    public static func problem(of path: FilePath) -> StartProblem? {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else {
            return errno == EACCES ? .notExecutable : .notFound
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: return .isDirectory
        default: return .notAFile
        }
        guard path.withPlatformString({ faccessat(AT_FDCWD, $0, X_OK, AT_EACCESS) }) == 0 else { return .notExecutable }
        return problemOfFirstLine(path)
    }

    /// A script names its interpreter after `#!` (`execve(2)`). A file that can't be read may still be run.
    private static func problemOfFirstLine(_ path: FilePath) -> StartProblem? {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking]) else {
            return nil
        }
        defer { try? file.close() }
        var bytes = [UInt8](repeating: 0, count: 256)
        guard let count = try? bytes.withUnsafeMutableBytes({ try file.read(into: $0) }) else { return nil }
        if count == 0 { return .notAProgram }
        guard bytes.starts(with: Array("#!".utf8)) else { return nil }
        let line = bytes[2..<max(2, count)].prefix { $0 != UInt8(ascii: "\n") }
        let word = line.drop { $0 == 0x20 || $0 == 0x09 }.prefix { $0 != 0x20 && $0 != 0x09 }
        let name = String(decoding: word, as: UTF8.self)
        guard !name.isEmpty else { return .notAProgram }
        return access(name, F_OK) == 0 ? nil : .noInterpreter(name.filter { !$0.isNewline && $0 != "\u{1B}" })
    }

    private static func absolute(_ path: FilePath) -> FilePath {
        guard path.isRelative, let buffer = getcwd(nil, 0) else { return path }
        defer { free(buffer) }
        return FilePath(String(cString: buffer)).pushing(path).lexicallyNormalized()
    }

    private static var searchPath: [String] {
        guard let text = getenv("PATH") else { return ["/usr/local/bin", "/usr/bin", "/bin"] }
        return String(cString: text).split(separator: ":").map(String.init)
    }
}
