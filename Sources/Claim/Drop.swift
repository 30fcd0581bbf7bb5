internal import Files
public import Spool

/// A file that asks to become the request of a key.
///
/// What it says is held by reference: a drop is handed on a dozen times, and a copy would count three references each time.
public struct Drop: Hashable, Sendable {
    public enum Place: Sendable {
        /// incoming/, where anybody may change it at any moment.
        case incoming
        /// `.billhook/aside/`, where only Billhook does.
        case aside
    }

    private final class Facts: Sendable {
        let key: Key
        let name: String
        let place: Place
        let isUnkeyed: Bool
        let origin: String?

        init(key: Key, name: String, place: Place, isUnkeyed: Bool, origin: String?) {
            self.key = key
            self.name = name
            self.place = place
            self.isUnkeyed = isUnkeyed
            self.origin = origin
        }
    }

    private let facts: Facts

    /// The key that it asks for. Of one that `isUnkeyed`, whose key is still to be read in its content, what its name
    /// would be as a key, which means nothing but gives it a lane and a name in dead/.
    public var key: Key { facts.key }
    public var name: String { facts.name }
    public var place: Place { facts.place }
    /// Whether its key is not known yet.
    public var isUnkeyed: Bool { facts.isUnkeyed }
    /// Under which name it was dropped, where its key is not taken from that.
    public var origin: String? { facts.origin }

    /// A name in incoming/ that asks for a key; `nil` for every other name.
    public init?(incoming name: String, _ keySource: KeySource = .name) {
        if keySource != .name, keySource.derivesKey(ofFile: Array(name.utf8)) {
            guard let key = Drop.standIn(for: name) else { return nil }
            self.init(key: key, name: name, place: .incoming, isUnkeyed: true, origin: name)
            return
        }
        self.init(incoming: name, is: DropName(name), keySource)
    }

    /// The same for a name that has its key, and of which it is known what it says: to find that out takes 4,000
    /// instructions.
    public init?(incoming name: String, is kind: DropName, _ keySource: KeySource) {
        switch kind {
        case .request(let key) where !key.isEntry && keySource != .name: return nil
        case .conflict where keySource != .name: return nil
        case .request(let key), .conflict(let key): self.init(key: key, name: name, place: .incoming)
        case .unfinished, .sidecar, .refused: return nil
        }
    }

    /// A name in aside/, as the claimer makes them; `nil` for every other name.
    public init?(aside name: String) {
        if let mark = OriginalName.mark(ofAside: name) {
            guard let key = Key(mark) else { return nil }
            self.init(key: key, name: name, place: .aside, isUnkeyed: true)
            return
        }
        guard let mark = name.lastIndex(of: "~"), name[..<mark].hasSuffix(".json"),
            let key = Key(stem: name[..<mark].dropLast(5))
        else { return nil }
        self.init(key: key, name: name, place: .aside)
    }

    private init(key: Key, name: String, place: Place, isUnkeyed: Bool = false, origin: String? = nil) {
        facts = Facts(key: key, name: name, place: place, isUnkeyed: isUnkeyed, origin: origin)
    }

    public static func == (a: Drop, b: Drop) -> Bool {
        a.facts === b.facts
            || a.name == b.name && a.place == b.place && a.key == b.key && a.isUnkeyed == b.isUnkeyed
                && a.origin == b.origin
    }

    /// By its name only, which tells it from nearly all others: hashing its key as well takes twice as long.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// The drop itself, set aside under a name that tells nothing of its key.
    func setAside(as name: String) -> Drop {
        Drop(key: key, name: name, place: .aside, isUnkeyed: true, origin: origin)
    }

    /// The drop with the key that was read in its content.
    func keyed(_ key: Key) -> Drop {
        Drop(key: key, name: name, place: place, origin: origin)
    }

    /// The drop with what is known of its name, its key to be read anew.
    func unkeyed(origin: String?) -> Drop {
        let standIn = origin.flatMap(Drop.standIn) ?? key
        return Drop(key: standIn, name: name, place: place, isUnkeyed: true, origin: origin)
    }

    /// The key of that name if it is legal, else one like the name that it would be refused under.
    private static func standIn(for name: String) -> Key? {
        Key(name.dropLast(5)) ?? Key(DropName.refusedName(Array(name.utf8)))
    }

    /// How people know it: by its key, or by its file name, escaped, where the key is not known.
    public var label: String {
        guard isUnkeyed else { return key.name }
        return DropName.escaped(Array((origin ?? name).utf8))
    }

    /// Under which name it was dropped, escaped, where that is not its key's.
    public var originalName: String? {
        origin.flatMap { $0 == key.fileName ? nil : DropName.escaped(Array($0.utf8)) }
    }

    /// Whether it stands in incoming/ under the name of its key, as one file at a time can.
    public var bearsNameOfKey: Bool { place == .incoming && !isUnkeyed && name == key.fileName }

    /// Whether the drop bears the name of a conflict that came back from dead/.
    var isReturnedConflict: Bool { place == .incoming && !isUnkeyed && name != key.fileName }

    /// Whether it may be the request of its key itself; what was set aside for its name, or bears a conflict's name, met
    /// another one under that key before.
    var bearsOwnName: Bool { (place == .incoming ? name : origin) == key.fileName }
}
