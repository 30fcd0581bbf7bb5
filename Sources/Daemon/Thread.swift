internal import CLinux
internal import Glibc
internal import SystemPackage

/// A thread without which nothing can be served could not be started.
public struct ThreadError: Error, CustomStringConvertible {
    let name: String
    let code: Errno

    public var description: String {
        "No thread can be started for \(name): \(code). Raise the limit of processes (ulimit -u, or TasksMax= of the service)."
    }
}

/// A thread with a name, for work that blocks in system calls.
///
/// Unchecked, because `handle` is written by `pthread_create` inside `init` and only read after it.
final class Thread: @unchecked Sendable {
    private let name: String
    private let body: @Sendable () -> Void
    private var handle = pthread_t()

    /// Starts the thread. The name, at most 15 bytes, is what `top -H` shows.
    ///
    /// Throws where the system lets this user or service have no more of them (`pthread_create(3)`, `EAGAIN`).
    init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
        self.name = name
        self.body = body
        let context = Unmanaged.passRetained(self)
        let code = pthread_create(
            &handle, nil,
            { context in
                guard let context else { return nil }
                let thread = Unmanaged<Thread>.fromOpaque(context).takeRetainedValue()
                clinux_name_thread(thread.name)
                thread.body()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw ThreadError(name: name, code: Errno(rawValue: code))
        }
    }

    /// Waits until the thread's body has returned.
    func join() {
        pthread_join(handle, nil)
    }
}
