internal import DequeModule
internal import Spool
internal import Times

/// Who waits for whom at a subscription that hears of each customer's invoices in order.
///
/// It knows every delivery to that subscription which has not ended, at some hundred bytes each: the price of an order that
/// holds over retries of days.
struct OrderBook {
    struct Place {
        let processedAt: Timestamp
        let key: Key
        /// Whether an attempt has been made: whoever has begun is not overtaken, though requests that were claimed in one
        /// moment, or in several lanes, come in another order than their times and names have.
        var hasBegun = false

        func comes(before other: Place) -> Bool {
            if hasBegun != other.hasBegun { return hasBegun }
            return (processedAt, key.name) < (other.processedAt, other.key.name)
        }
    }

    private var lines: [String: Deque<Place>] = [:]
    private var customers: [Key: String] = [:]

    /// Whether nobody is known who comes earlier.
    func isFirst(_ key: Key) -> Bool {
        guard let customer = customers[key] else { return true }
        return lines[customer]?.first?.key == key
    }

    /// The first of every customer, and those alone who hold up somebody.
    var leaders: [Key] { lines.values.compactMap { $0.first?.key } }
    var obstacles: [Key] { lines.values.compactMap { $0.count > 1 ? $0.first?.key : nil } }

    mutating func enter(_ place: Place, of customer: String) {
        guard customers[place.key] == nil else { return }
        customers[place.key] = customer
        var line = lines[customer] ?? []
        lines[customer] = nil
        var index = line.count
        while index > 0, place.comes(before: line[index - 1]) { index -= 1 }
        line.insert(place, at: index)
        lines[customer] = line
    }

    /// Notes that a delivery's first attempt begins.
    mutating func begin(_ key: Key) {
        guard let customer = customers[key], let index = lines[customer]?.firstIndex(where: { $0.key == key }) else {
            return
        }
        lines[customer]?[index].hasBegun = true
    }

    /// Removes a delivery that has ended; returns who is first now because of it.
    mutating func leave(_ key: Key) -> Key? {
        guard let customer = customers.removeValue(forKey: key), var line = lines[customer] else { return nil }
        lines[customer] = nil
        let wasFirst = line.first?.key == key
        if let index = line.firstIndex(where: { $0.key == key }) { line.remove(at: index) }
        if !line.isEmpty { lines[customer] = line }
        return wasFirst ? line.first?.key : nil
    }
}
