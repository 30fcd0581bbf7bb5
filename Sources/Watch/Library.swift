internal import CInotifyTools
internal import Glibc
internal import Synchronization

/// libinotifytools 3.22.6, its state and its traps: everything in it is global to the process, and this value is the
/// one licence to use it. Not thread-safe; ``Watcher`` holds it under a lock.
///
/// The library is initialised once in the life of a process and never again: its event buffer survives
/// `inotifytools_cleanup()`, and a second instance would report what the first had read as its own.
struct Library: ~Copyable {
    /// The library has no accessor for its descriptor; it was found in `/proc/self/fd`. Always below 1024, because
    /// the library waits with select(2), which writes beyond its set for higher ones.
    let descriptor: Int32

    private static let isTaken = Atomic<Bool>(false)

    /// Paths under which watches were registered, see `freshName(for:)`.
    private var names: Set<String> = []

    init() throws(WatchError) {
        guard !Library.isTaken.exchange(true, ordering: .relaxed) else { throw WatchError(.alreadyUsed) }
        let before = Library.inotifyDescriptors()
        guard inotifytools_initialize() != 0 else {
            // Nothing is left behind in the library, so a later attempt is allowed.
            Library.isTaken.store(false, ordering: .relaxed)
            throw WatchError.instance(number: inotifytools_error())
        }
        guard let found = Library.inotifyDescriptors().subtracting(before).min() else {
            inotifytools_cleanup()
            throw WatchError(access("/proc/self/fd", X_OK) == 0 ? .descriptorTooHigh : .descriptorNotFound)
        }
        guard fcntl(found, F_SETFD, FD_CLOEXEC) == 0 else {
            let number = errno
            inotifytools_cleanup()
            throw WatchError(.system, number: number)
        }
        descriptor = found
    }

    deinit { inotifytools_cleanup() }

    /// Adds a watch and returns its descriptor. Nothing has changed when it throws.
    mutating func watch(_ path: String, mask: Int32) throws(WatchError) -> Int32 {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw WatchError(.unusablePath, path: path) }
        let name = freshName(for: path)
        guard inotifytools_watch_file(name, mask) != 0 else {
            throw WatchError.directory(path, number: inotifytools_error())
        }
        names.insert(name)
        let watch = inotifytools_wd_from_filename(name)
        guard watch >= 0 else { throw WatchError(.system, path: path) }
        return watch
    }

    /// Ends a watch in the kernel; one that has ended already is no error. Not by the library's own function: that
    /// writes to standard error when the watch has ended.
    func unwatch(_ watch: Int32) {
        _ = inotify_rm_watch(descriptor, watch)
    }

    /// The next event, without waiting; `nil` if there is none. Copied at once: the library overwrites its own.
    ///
    /// The library reads up to 64 KiB at a time, so events can be left in its buffer when poll(2) reports none: only
    /// `nil` means that there are no more. Never for more than one event a call: it would spin until there are as many.
    func next() throws(WatchError) -> RawEvent? {
        while true {
            if let event = inotifytools_next_events(0, 1) {
                let length = billhook_event_name_length(event)
                let name = Array(UnsafeBufferPointer(start: billhook_event_name(event), count: length))
                return RawEvent(watch: event.pointee.wd, mask: event.pointee.mask, name: name)
            }
            switch inotifytools_error() {
            case 0: return nil
            case EINTR: continue
            case let number: throw WatchError(.system, number: number)
            }
        }
    }

    /// A spelling of `path` that was never registered.
    ///
    /// The library keeps the entry of a watch that the kernel ended, and finds that one first when the same name is
    /// registered again. So the second watch of a path goes by `path/./`, the third by `path/.//`: the number in
    /// binary, which stays short. It ends in a slash, so that the library stores exactly this name and follows a
    /// symbolic link.
    private func freshName(for path: String) -> String {
        let base = path.hasSuffix("/") ? path : path + "/"
        var name = base
        var number = 0
        while names.contains(name) {
            number += 1
            name = base + String(number, radix: 2).map { $0 == "1" ? "./" : "/" }.joined()
        }
        return name
    }

    /// The inotify descriptors of this process below 1024.
    private static func inotifyDescriptors() -> Set<Int32> {
        let inotify = "anon_inode:inotify".utf8.map { CChar(bitPattern: $0) }
        var target = [CChar](repeating: 0, count: 64)
        return Set(
            (0..<1024).filter { (descriptor: Int32) in
                let length = readlink("/proc/self/fd/\(descriptor)", &target, target.count)
                return length >= 0 && target[..<length].elementsEqual(inotify)
            })
    }
}
