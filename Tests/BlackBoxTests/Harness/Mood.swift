import Synchronization
import TestSupport

/// What a receiver answers, which the story changes while it runs.
final class Mood: Sendable {
    private let state: Mutex<Answer>

    init(_ answer: Answer) {
        state = Mutex(answer)
    }

    var answer: Answer {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    /// A receiver in this mood.
    func receiver() throws -> Receiver {
        try Receiver { [self] _ in answer }
    }
}

extension Call {
    /// The event's body.
    func members() throws -> Members { try Members(body) }

    /// The key of the invoice that it tells of.
    var key: String? { try? members().object("data").text("key") }

    /// The id of the invoice that it tells of.
    var invoiceID: String? { try? members().object("data").text("id") }
}
