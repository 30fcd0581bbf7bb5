import Foundation

/// Threads that work side by side until all have ended: unlike tasks, they may block.
///
/// Unchecked, because a condition guards what changes, which the compiler can't see.
final class PowerCutCrew: @unchecked Sendable {
    private let condition = NSCondition()
    // Read and written with `condition` held.
    private var working = 0

    func start(_ work: @escaping @Sendable () -> Void) {
        condition.withLock { working += 1 }
        Thread.detachNewThread { [self] in
            work()
            condition.withLock {
                working -= 1
                condition.broadcast()
            }
        }
    }

    func join() {
        condition.withLock { while working > 0 { condition.wait() } }
    }

    /// Runs work that blocks on a thread of its own, and frees the caller's meanwhile.
    static func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: work()) }
        }
    }
}
