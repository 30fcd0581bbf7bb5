internal import Glibc

/// Calls the body on so many threads, of which this is one, and returns when it has returned on all of them. Where there can't
/// be so many threads it is fewer.
func atOnce(_ count: Int, _ body: () -> Void) {
    withoutActuallyEscaping(body) { body in
        let work = Work(body)
        var threads: [pthread_t] = []
        while threads.count < count - 1 {
            var thread = pthread_t()
            let context = Unmanaged.passRetained(work)
            let code = pthread_create(
                &thread, nil,
                { context in
                    if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
                    return nil
                }, context.toOpaque())
            guard code == 0 else {
                context.release()
                break
            }
            threads.append(thread)
        }
        body()
        for thread in threads { pthread_join(thread, nil) }
    }
}

/// What the threads are handed; they end before the closure does, which the compiler can't see.
private final class Work {
    let body: () -> Void

    init(_ body: @escaping () -> Void) {
        self.body = body
    }
}
