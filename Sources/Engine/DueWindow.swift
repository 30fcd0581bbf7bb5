internal import HeapModule
internal import Spool
internal import Times

/// When which waiting request is due: the nearest of them, as many as fit.
///
/// The truth is on disk, in the mtime of each `.attempts`. Where more requests wait than fit, the farthest are let go,
/// and `horizon` says from when on something may be due that is not here; scanning processing/ finds it again.
///
/// With keys of 36 characters it takes some 75 bytes for each request that is here.
struct DueWindow {
    private struct Entry: Comparable {
        let due: Timestamp
        let place: KeyTable.Place

        static func < (a: Entry, b: Entry) -> Bool { a.due < b.due }
    }

    let capacity: Int
    /// Holds an entry for each key, and some that are out of date: those whose place is empty or says another moment.
    private var heap = Heap<Entry>()
    private var keys = KeyTable()
    /// The earliest moment at which a request that was let go is due.
    private(set) var horizon: Timestamp?

    init(capacity: Int) {
        self.capacity = capacity
    }

    var isEmpty: Bool { keys.isEmpty && horizon == nil }
    var count: Int { keys.count }

    /// When the next request that is here is due, or earlier; `nil` if none is here.
    var next: Timestamp? { heap.min?.due }

    subscript(key: Key) -> Timestamp? { keys.place(of: key).flatMap { keys.moment(at: $0) } }

    mutating func insert(_ key: Key, due: Timestamp) {
        let place: KeyTable.Place
        if let known = keys.place(of: key) {
            guard keys.moment(at: known) != due else { return }
            keys.setMoment(due, at: known)
            place = known
        } else {
            // Where it would be the farthest of too many, it need not come in first.
            if keys.count == capacity, let farthest = heap.max, farthest.due <= due { return letGo(due) }
            place = keys.add(key, due)
        }
        heap.insert(Entry(due: due, place: place))
        while keys.count > capacity, let farthest = heap.popMax() { letGo(farthest) }
        // What was inserted again at another moment leaves its old entry in the heap, which must not outgrow the rest.
        if heap.count > 2 * capacity + 64 { rebuild() }
    }

    mutating func remove(_ key: Key) {
        guard let place = keys.place(of: key) else { return }
        remove(place)
    }

    /// Takes out the next request that is due; `nil` if none is.
    mutating func popDue(at now: Timestamp) -> Key? {
        while let first = heap.min, first.due <= now {
            heap.removeMin()
            if isCurrent(first), let key = keys.key(at: first.place) {
                remove(first.place)
                return key
            }
        }
        return nil
    }

    /// Whether what was let go must be looked for now.
    func needsRescan(at now: Timestamp) -> Bool {
        horizon.map { $0 <= now } ?? false
    }

    /// A scan of processing/ begins, which meets all that was let go.
    mutating func beginRescan() {
        horizon = nil
    }

    private func isCurrent(_ entry: Entry) -> Bool { keys.moment(at: entry.place) == entry.due }

    private mutating func remove(_ place: KeyTable.Place) {
        keys.remove(place)
        if keys.isEmpty { heap = Heap() }
    }

    private mutating func letGo(_ entry: Entry) {
        guard isCurrent(entry) else { return }
        remove(entry.place)
        letGo(entry.due)
    }

    private mutating func letGo(_ due: Timestamp) {
        horizon = min(horizon ?? due, due)
    }

    private mutating func rebuild() {
        heap = Heap(keys.places.compactMap { place in keys.moment(at: place).map { Entry(due: $0, place: place) } })
    }
}
