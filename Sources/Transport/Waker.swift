internal import CCurl
internal import Synchronization

/// Makes `Transport.poll(timeout:or:into:)` return, from any thread and as often as one likes.
public final class Waker: Sendable {
    /// A multi handle. Unchecked, because libcurl allows `curl_multi_wakeup` from any thread, and nothing else of it is used here.
    private struct Multi: @unchecked Sendable {
        var handle: UnsafeMutableRawPointer
    }

    private let multi: Mutex<Multi?>
    private let isRaised = Atomic<Bool>(false)

    init(multi: UnsafeMutableRawPointer) {
        self.multi = Mutex(Multi(handle: multi))
    }

    /// Makes the poll under way return, or else the next one; several calls before it returns count as one.
    ///
    /// After the transport's end it does nothing.
    public func wake() {
        guard !isRaised.exchange(true, ordering: .acquiringAndReleasing) else { return }
        multi.withLock { multi in
            if let multi { _ = curl_multi_wakeup(multi.handle) }
        }
    }

    /// Whether somebody called `wake()` since the last time.
    func take() -> Bool {
        isRaised.exchange(false, ordering: .acquiringAndReleasing)
    }

    /// Comes before the end of the multi handle, so that a late `wake()` can't touch it.
    func detach() {
        multi.withLock { $0 = nil }
    }
}
