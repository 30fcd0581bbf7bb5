/// A queue between threads: any of them puts in, one takes everything out at once and sleeps while there is nothing.
final class Inbox<Element: Sendable>: Sendable {
    private struct State: Sendable {
        var elements: [Element] = []
        var isClosed = false

        mutating func takeAll() -> [Element] {
            let taken = elements
            elements = []
            return taken
        }
    }

    private let state = Monitor(State())

    func put(_ new: [Element]) {
        state.change { $0.elements.absorb(new) }
    }

    /// Waits until there is something and takes it all; empty once the inbox is closed and empty.
    func take() -> [Element] {
        state.wait { $0.elements.isEmpty && !$0.isClosed ? nil : $0.takeAll() }
    }

    /// Takes what there is, which may be nothing.
    func takeAtOnce() -> [Element] {
        state.take { $0.takeAll() }
    }

    /// Lets `take` return empty once everything has been taken.
    func close() {
        state.change { $0.isClosed = true }
    }
}
