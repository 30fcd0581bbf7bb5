internal import HeapModule
internal import Spool
internal import Times

/// When which waiting request is due: the nearest of them, as many as fit.
///
/// The truth is on disk, in the mtime of each `.attempts`. Where more requests wait than fit, the farthest are let go,
/// and `horizon` says from when on something may be due that is not here; scanning processing/ finds it again.
struct DueWindow {
    private struct Entry: Comparable {
        let due: Timestamp
        let key: Key

        static func < (a: Entry, b: Entry) -> Bool { a.due < b.due }
    }

    let capacity: Int
    private var heap = Heap<Entry>()
    private var moments: [Key: Timestamp] = [:]
    /// The earliest moment at which a request that was let go is due.
    private(set) var horizon: Timestamp?

    init(capacity: Int) {
        self.capacity = capacity
    }

    var isEmpty: Bool { moments.isEmpty && horizon == nil }
    var count: Int { moments.count }

    /// When the next request that is here is due, or earlier; `nil` if none is here.
    var next: Timestamp? { heap.min?.due }

    subscript(key: Key) -> Timestamp? { moments[key] }

    mutating func insert(_ key: Key, due: Timestamp) {
        guard moments.updateValue(due, forKey: key) != due else { return }
        heap.insert(Entry(due: due, key: key))
        while moments.count > capacity, let farthest = heap.popMax() { letGo(farthest) }
        // What was inserted again at another moment leaves its old entry in the heap, which must not outgrow the rest.
        if heap.count > 2 * capacity + 64 { rebuild() }
    }

    mutating func remove(_ key: Key) {
        moments[key] = nil
        if moments.isEmpty { heap = Heap() }
    }

    /// Takes out the next request that is due; `nil` if none is.
    mutating func popDue(at now: Timestamp) -> Key? {
        while let first = heap.min, first.due <= now {
            heap.removeMin()
            if moments[first.key] == first.due {
                remove(first.key)
                return first.key
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

    private mutating func letGo(_ entry: Entry) {
        guard moments[entry.key] == entry.due else { return }
        moments[entry.key] = nil
        horizon = min(horizon ?? entry.due, entry.due)
    }

    private mutating func rebuild() {
        heap = Heap(moments.map { Entry(due: $0.value, key: $0.key) })
    }
}
