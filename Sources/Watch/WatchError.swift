internal import Glibc

/// Why directories can't be watched: what went wrong, where, and what to do about it.
public struct WatchError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds a caller may want to tell apart. With any of them polling is still possible.
    public enum Code: Sendable, Hashable {
        /// This process has, or has had, a watcher; libinotifytools allows one in the life of a process.
        case alreadyUsed
        /// The watcher was closed.
        case closed
        /// `fs.inotify.max_user_instances` is reached (`EMFILE` of inotify_init(2)).
        case noInstancesLeft
        /// `fs.inotify.max_user_watches` is reached (`ENOSPC` of inotify_add_watch(2)).
        case noWatchesLeft
        /// The process or the system has no descriptor left (`EMFILE`, `ENFILE`).
        case noDescriptorsLeft
        /// The descriptor is 1024 or more, beyond what select(2) in the library can wait for.
        case descriptorTooHigh
        /// The library's descriptor was not found in `/proc/self/fd`.
        case descriptorNotFound
        /// There is no such directory (`ENOENT`).
        case noSuchDirectory
        /// The path is not a directory (`ENOTDIR`).
        case notADirectory
        /// The directory may not be read (`EACCES`).
        case notPermitted
        /// The directory is watched already, perhaps under another path (`EEXIST`).
        case alreadyWatched
        /// The path is empty, holds a zero byte, or is too long (`ENAMETOOLONG`).
        case unusablePath
        /// The probe file can't be created in the directory; `number` says why.
        case probeFailed
        /// Anything else; `number` says what.
        case system
    }

    public let code: Code

    /// The directory concerned, if one is.
    public let path: String?

    /// The system's error number, 0 if it reported none.
    public let number: Int32

    init(_ code: Code, path: String? = nil, number: Int32 = 0) {
        self.code = code
        self.path = path
        self.number = number
    }

    /// A whole sentence for people, safe to log.
    public var description: String {
        "\(objection). \(remedy)"
    }

    /// What went wrong, without what to do about it: a sentence without its full stop.
    public var objection: String {
        number == 0 ? problem : "\(problem) (\(WatchError.text(of: number)))"
    }

    private var place: String { path.map { "the directory \($0)" } ?? "the directories" }

    private var problem: String {
        switch code {
        case .alreadyUsed: "Cannot start watching: this process has a watcher already, or has closed one"
        case .closed: "Cannot wait for changes: the watcher was closed"
        case .noInstancesLeft: "Cannot start watching: this user has no inotify instance left"
        case .noWatchesLeft: "Cannot watch \(place): this user has no inotify watch left"
        case .noDescriptorsLeft: "Cannot start watching: no file descriptor is left"
        case .descriptorTooHigh: "Cannot start watching: too many files are open, the descriptor would be over 1023"
        case .descriptorNotFound: "Cannot start watching: the inotify descriptor is not listed in /proc/self/fd"
        case .noSuchDirectory: "Cannot watch \(place): it does not exist"
        case .notADirectory: "Cannot watch \(place): it is not a directory"
        case .notPermitted: "Cannot watch \(place): the permission is missing"
        case .alreadyWatched: "Cannot watch \(place): it is watched already, perhaps under another path"
        case .unusablePath: "Cannot watch \(place): its path is empty, too long, or holds a zero byte"
        case .probeFailed: "Cannot test whether \(place) reports changes: no file can be created in it"
        case .system: "Cannot watch \(place): the system reported an error"
        }
    }

    private var remedy: String {
        switch code {
        case .alreadyUsed: "Add directories to the watcher there is; it can't be opened a second time."
        case .closed: "Watching ends with the process."
        case .noInstancesLeft: "Raise fs.inotify.max_user_instances with sysctl, or stop another program that watches."
        case .noWatchesLeft: "Raise fs.inotify.max_user_watches with sysctl, or stop another program that watches."
        case .noDescriptorsLeft: "Raise the limit on open files (ulimit -n)."
        case .descriptorTooHigh: "Start watching before files and connections are opened."
        case .descriptorNotFound: "Check that /proc is mounted."
        case .noSuchDirectory: "Create it, or correct the path."
        case .notADirectory: "Move the file away and create the directory, or correct the path."
        case .notPermitted: "Give this user the permission to read and search the directory."
        case .alreadyWatched: "Name each directory once."
        case .unusablePath: "Correct the path."
        case .probeFailed: "Check its owner and mode, and the space on its disk."
        case .system: "Changes have to be found by scanning meanwhile."
        }
    }

    /// From the error of inotify_add_watch(2) for `path`.
    static func directory(_ path: String, number: Int32) -> WatchError {
        let code: Code =
            switch number {
            case ENOSPC: .noWatchesLeft
            case ENOENT: .noSuchDirectory
            case ENOTDIR: .notADirectory
            case EACCES, EPERM: .notPermitted
            case EEXIST: .alreadyWatched
            case ENAMETOOLONG: .unusablePath
            default: .system
            }
        return WatchError(code, path: path, number: number)
    }

    /// From the error of inotify_init(2). `EMFILE` has two causes there; the wake-up descriptor, opened just before,
    /// has ruled out the other one, the limit on open files.
    static func instance(number: Int32) -> WatchError {
        switch number {
        case EMFILE: WatchError(.noInstancesLeft, number: number)
        case ENFILE: WatchError(.noDescriptorsLeft, number: number)
        default: WatchError(.system, number: number)
        }
    }

    private static func text(of number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
