internal import Synchronization

/// What the lanes have to know about subscribers: whether anybody hears that a request was refused.
final class Announcer: Sendable {
    private let flag = Atomic(false)

    var announcesFailures: Bool {
        get { flag.load(ordering: .relaxed) }
        set { flag.store(newValue, ordering: .relaxed) }
    }
}
