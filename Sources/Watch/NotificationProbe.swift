internal import CInotifyTools
internal import Glibc

/// Finds out whether events can be relied on in a directory, so that the caller polls where they can't.
public enum NotificationProbe {
    /// How long an event may take.
    static let patience = Duration.seconds(1)

    /// Creates and unlinks a dot-file in a watched directory and waits for its event: at most a second, as a rule no
    /// time at all. False: this file system raises no events.
    ///
    /// A success says nothing of changes made by other hosts; see ``mayHideRemoteChanges(in:)``. A crash can leave the
    /// file behind if it comes between the two calls; its name begins with `.billhook-probe-`, and it is empty.
    ///
    /// - Parameters:
    ///   - watcher: Watches `directory` under `tag` with at least the arrivals or the removals.
    ///   - others: Replaced by the events read meanwhile that are not the probe's; the caller has to handle them. A
    ///     ``Watcher/wake()`` meanwhile is kept for the next call.
    /// - Throws: ``WatchError``; `probeFailed` if the file can't be created, and what ``Watcher/next(timeout:into:)`` throws.
    public static func works(
        _ watcher: Watcher, directory: String, tag: Int, others: inout [WatchEvent]
    ) throws(WatchError) -> Bool {
        others.removeAll()
        let name = ".billhook-probe-" + String(UInt64.random(in: 0...(.max)), radix: 16)
        try touchAndUnlink(name, in: directory)
        return try awaitEvent(of: Array(name.utf8), tag: tag, from: watcher, others: &others)
    }

    /// Whether other hosts, or a server, can change this directory without any event here: network file systems, and
    /// FUSE, of which that can't be told. Then scan often, whatever the probe found. False too if it can't be found out.
    public static func mayHideRemoteChanges(in directory: String) -> Bool {
        isShared(fileSystemType: billhook_filesystem_type(directory))
    }

    /// By the magic numbers of statfs(2) and linux/magic.h.
    static func isShared(fileSystemType: UInt) -> Bool {
        switch fileSystemType {
        case 0x6969: true  // NFS
        case 0x6573_5546: true  // FUSE: MooseFS, Gluster, sshfs
        case 0x00C3_6400: true  // CephFS
        case 0xFF53_4D42, 0xFE53_4D42, 0x517B: true  // CIFS, SMB2, SMB
        case 0x0102_1997: true  // 9P
        case 0x5346_414F, 0x6B41_4653: true  // AFS: OpenAFS, the kernel's
        case 0x7461_636F: true  // OCFS2
        case 0x0116_1970: true  // GFS2
        case 0x0BD0_0BD0: true  // Lustre
        case 0x786F_4256: true  // VirtualBox shared folders
        default: false
        }
    }

    /// Why events can't be relied on in a watched directory, so that it has to be read again and again, as a clause for a
    /// sentence; `nil` if they can.
    ///
    /// - Parameters: as for ``works(_:directory:tag:others:)``, which says also what is thrown.
    public static func objection(
        _ watcher: Watcher, directory: String, tag: Int, others: inout [WatchEvent]
    ) throws(WatchError) -> String? {
        if try !works(watcher, directory: directory, tag: tag, others: &others) {
            return "this file system raises no inotify events"
        }
        if mayHideRemoteChanges(in: directory) {
            return "other hosts may change this file system, and inotify does not see that"
        }
        return nil
    }

    private static func touchAndUnlink(_ name: String, in directory: String) throws(WatchError) {
        let path = directory + "/" + name
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw WatchError(.probeFailed, path: directory, number: errno) }
        close(descriptor)
        unlink(path)
    }

    private static func awaitEvent(
        of name: [UInt8], tag: Int, from watcher: Watcher, others: inout [WatchEvent]
    ) throws(WatchError) -> Bool {
        let deadline = SuspendingClock.now.advanced(by: patience)
        var batch: [WatchEvent] = []
        var isSeen = false
        var isWoken = false
        repeat {
            if try watcher.wait(timeout: SuspendingClock.now.duration(to: deadline), into: &batch) { isWoken = true }
            for event in batch {
                if event.concerns(tag: tag, name: name) { isSeen = true } else { others.append(event) }
            }
        } while !isSeen && SuspendingClock.now < deadline
        if isWoken { watcher.wake() }
        return isSeen
    }
}

extension WatchEvent {
    fileprivate func concerns(tag: Int, name: [UInt8]) -> Bool {
        switch self {
        case .arrived(tag, name, _), .removed(tag, name), .touched(tag, name): true
        default: false
        }
    }
}
