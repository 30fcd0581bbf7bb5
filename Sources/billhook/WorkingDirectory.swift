import Glibc
import SystemPackage

/// The directory that relative paths on the command line begin at.
enum WorkingDirectory {
    /// A path that means the same wherever it is read.
    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let pointer = getcwd(nil, 0) else { return path }
        defer { free(pointer) }
        return FilePath(String(cString: pointer)).pushing(FilePath(path)).lexicallyNormalized().string
    }
}
