import Foundation

/// Tells whether anybody opens a file, whatever name it has by then; a symlink stands for its target.
///
/// Independent of what the daemon says of itself: the kernel tells (`inotify(7)`), and watching opens nothing.
final class OpenWatch {
    private let descriptor: Int32
    /// Whether there is anything to be opened: a dangling symlink leads nowhere.
    let isWatching: Bool

    init(_ path: String) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        isWatching = inotify_add_watch(descriptor, path, UInt32(IN_OPEN)) >= 0
    }

    deinit {
        close(descriptor)
    }

    /// Whether it was opened since.
    var sawOpening: Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        return read(descriptor, &buffer, buffer.count) > 0
    }
}
