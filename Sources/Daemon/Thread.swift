internal import CLinux
internal import Glibc

/// A thread with a name, for work that blocks in system calls.
///
/// Unchecked, because `handle` is written by `pthread_create` inside `init` and only read after it.
final class Thread: @unchecked Sendable {
    private let name: String
    private let body: @Sendable () -> Void
    private var handle = pthread_t()

    /// Starts the thread. The name, at most 15 bytes, is what `top -H` shows.
    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
        let context = Unmanaged.passRetained(self)
        pthread_create(
            &handle, nil,
            { context in
                guard let context else { return nil }
                let thread = Unmanaged<Thread>.fromOpaque(context).takeRetainedValue()
                clinux_name_thread(thread.name)
                thread.body()
                return nil
            }, context.toOpaque())
    }

    /// Waits until the thread's body has returned.
    func join() {
        pthread_join(handle, nil)
    }
}
