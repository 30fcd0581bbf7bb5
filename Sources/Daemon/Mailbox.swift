internal import Engine
internal import Synchronization
internal import Transport

/// What the other threads tell the one that decides; putting something in wakes it.
final class Mailbox: Sendable {
    private let events = Mutex<[Event]>([])
    private let waker: Waker

    init(waker: Waker) {
        self.waker = waker
    }

    func put(_ new: [Event]) {
        guard !new.isEmpty else { return }
        let wasEmpty = events.withLock { events in
            defer { events.absorb(new) }
            return events.isEmpty
        }
        // Whoever finds the box empty wakes; the others come with the same turn.
        if wasEmpty { waker.wake() }
    }

    func takeAll() -> [Event] {
        events.withLock { events in
            defer { events = [] }
            return events
        }
    }
}
