public import SystemPackage

/// Why a spool can't be opened or created. Descriptions are whole sentences for the person who runs the command.
public enum SpoolError: Error, Equatable, CustomStringConvertible {
    /// There is no spool at the path.
    case missing(FilePath)
    /// The directory stands and is not empty, but was never made a spool.
    case notASpool(FilePath)
    /// A directory of the spool can't be opened or made.
    case directory(FilePath, name: String, Errno)
    /// A file in `.billhook/` can't be read or written.
    case file(FilePath, name: String, Errno)
    /// `.billhook/settings` holds something this version does not know.
    case settings(FilePath, problem: String)
    /// The spool stands, and takes its keys from elsewhere.
    case keySource(FilePath, standing: KeySource, wanted: KeySource)
    /// Files can't be renamed between two directories of the spool.
    case severalFileSystems(FilePath, name: String)
    /// The file system has no rename that keeps from replacing another file.
    case unsafeRenames(FilePath, because: String)
    /// What stands in it can't be flushed.
    case unflushable(FilePath, Errno)
    /// Another process serves the spool.
    case locked(FilePath, holder: String)

    public var description: String {
        switch self {
        case .missing(let path):
            "There is no spool at \(path). Create one with: billhook init --spool \(path)"
        case .notASpool(let path):
            "\(path) holds files but is not a spool. Name an empty directory, or one that 'billhook init' made."
        case .directory(let path, let name, let code):
            "The spool's directory \(path.appending(name)) can't be opened: \(code). Check that it is a directory and"
                + " that this user may read, write and enter it."
        case .file(let path, let name, let code):
            "The spool's file \(path.appending(name)) can't be used: \(code). Check its owner and mode, and that the"
                + " file system has room."
        case .settings(let path, let problem):
            "The spool's settings in \(path.appending(Spool.settingsName)) can't be used: \(problem)"
        case .keySource(let path, let standing, let wanted):
            "The spool \(path) stands already and takes its keys from '\(standing)', not from '\(wanted)'; that can't be"
                + " changed, since it would bill its requests again. Make another spool for '\(wanted)'."
        case .severalFileSystems(let path, let name):
            "Files can't be renamed between the directories of \(path) and its \(name)/: they are separate mounts. All"
                + " of a spool has to be on one file system."
        case .unsafeRenames(let path, let reason):
            "Files in \(path) can't be renamed without the danger of overwriting others: \(reason). Put the spool on"
                + " another file system."
        case .unflushable(let path, let code):
            "What stands in the spool \(path) can't be made durable: \(code). Nothing is delivered from it before it can;"
                + " check the disk."
        case .locked(let path, let holder):
            "The spool \(path) is served already by \(holder). Stop that one first, or name another spool with --spool."
        }
    }
}
