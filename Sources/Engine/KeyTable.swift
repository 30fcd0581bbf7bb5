internal import Spool
internal import Times

/// Keys and a moment for each, at the length of the key and some twenty bytes each.
///
/// A million requests may wait: a dictionary of strings takes two to three times as much. So the names stand one after the
/// other in one buffer, each behind a byte that says how long it is, and a key is found by linear probing in a table of
/// four-byte numbers.
struct KeyTable {
    /// Where a key stands for as long as it is here; taken again by another one afterwards.
    typealias Place = UInt32

    private struct Slot {
        var moment: Timestamp
        /// Where its name begins; `free` if nobody stands here.
        var start: UInt32
        var hash: UInt32

        static let free = UInt32.max
    }

    private var slots: [Slot] = []
    private var freePlaces: [Place] = []
    private var names: [UInt8] = []
    /// Bytes of names that are here no more.
    private var wasted = 0
    /// One more than a place; 0 where nobody is. Its size is a power of two, and a quarter at least is 0.
    private var table: [UInt32] = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// The place of each key that is here.
    var places: [Place] { slots.indices.filter { slots[$0].start != Slot.free }.map { Place($0) } }

    /// Where a key stands; `nil` if it is not here.
    func place(of key: Key) -> Place? {
        guard count > 0 else { return nil }
        let hash = KeyTable.hash(key.name.utf8)
        var index = home(hash)
        while table[index] != 0 {
            let place = table[index] - 1
            if slots[Int(place)].hash == hash, stands(key, at: place) { return place }
            index = next(index)
        }
        return nil
    }

    /// The moment of the key that stands at a place; `nil` if none does.
    func moment(at place: Place) -> Timestamp? {
        let slot = slots[Int(place)]
        return slot.start == Slot.free ? nil : slot.moment
    }

    /// The key that stands at a place; `nil` if none does.
    func key(at place: Place) -> Key? {
        guard slots[Int(place)].start != Slot.free else { return nil }
        return Key(known: String(decoding: name(at: place), as: UTF8.self))
    }

    mutating func setMoment(_ moment: Timestamp, at place: Place) {
        slots[Int(place)].moment = moment
    }

    /// Takes in a key that is not here.
    mutating func add(_ key: Key, _ moment: Timestamp) -> Place {
        if 4 * (count + 1) > 3 * table.count { enlarge() }
        let slot = Slot(moment: moment, start: UInt32(names.count), hash: KeyTable.hash(key.name.utf8))
        // A key has 200 bytes at most.
        names.append(UInt8(truncatingIfNeeded: key.name.utf8.count))
        names.append(contentsOf: key.name.utf8)
        count += 1
        let place: Place
        if let old = freePlaces.popLast() {
            place = old
            slots[Int(place)] = slot
        } else {
            place = Place(slots.count)
            slots.append(slot)
        }
        enter(place)
        return place
    }

    /// Lets go of the key that stands at a place.
    mutating func remove(_ place: Place) {
        guard slots[Int(place)].start != Slot.free else { return }
        guard count > 1 else {
            self = KeyTable()
            return
        }
        leave(place)
        wasted += 1 + name(at: place).count
        slots[Int(place)].start = Slot.free
        freePlaces.append(place)
        count -= 1
        if 4 * wasted > names.count, wasted > 4096 { closeGaps() }
    }

    // MARK: Names

    private func name(at place: Place) -> ArraySlice<UInt8> {
        let start = Int(slots[Int(place)].start)
        return names[(start + 1)..<(start + 1 + Int(names[start]))]
    }

    private func stands(_ key: Key, at place: Place) -> Bool {
        let start = Int(slots[Int(place)].start)
        let name = key.name.utf8.span
        guard Int(names[start]) == name.count else { return false }
        for index in name.indices where names[start + 1 + index] != name[index] { return false }
        return true
    }

    private mutating func closeGaps() {
        var kept: [UInt8] = []
        kept.reserveCapacity(names.count - wasted)
        for place in places {
            let name = name(at: place)
            slots[Int(place)].start = UInt32(kept.count)
            kept.append(UInt8(truncatingIfNeeded: name.count))
            kept += name
        }
        names = kept
        wasted = 0
    }

    // MARK: The table

    private func home(_ hash: UInt32) -> Int { Int(hash) & (table.count - 1) }
    private func next(_ index: Int) -> Int { (index + 1) & (table.count - 1) }

    private mutating func enter(_ place: Place) {
        var index = home(slots[Int(place)].hash)
        while table[index] != 0 { index = next(index) }
        table[index] = place + 1
    }

    /// Moves up those behind it that probing would not find over the gap (Knuth, The Art of Computer Programming 3, 6.4,
    /// algorithm R).
    private mutating func leave(_ place: Place) {
        var gap = home(slots[Int(place)].hash)
        while table[gap] != place + 1 { gap = next(gap) }
        var index = next(gap)
        while table[index] != 0 {
            let home = home(slots[Int(table[index] - 1)].hash)
            let distance = (index - home) & (table.count - 1)
            if distance >= (index - gap) & (table.count - 1) {
                table[gap] = table[index]
                gap = index
            }
            index = next(index)
        }
        table[gap] = 0
    }

    private mutating func enlarge() {
        table = [UInt32](repeating: 0, count: max(64, 2 * table.count))
        for place in places { enter(place) }
    }

    /// Seeded anew in each process, so that nobody can choose keys that meet in one place.
    private static func hash(_ name: String.UTF8View) -> UInt32 {
        var hasher = Hasher()
        let bytes = name.span
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return UInt32(truncatingIfNeeded: hasher.finalize())
    }
}
