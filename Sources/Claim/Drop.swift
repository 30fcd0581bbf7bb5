public import Spool

/// A file that asks to become the request of a key.
public struct Drop: Hashable, Sendable {
    public enum Place: Sendable {
        /// incoming/, where anybody may change it at any moment.
        case incoming
        /// `.billhook/aside/`, where only Billhook does.
        case aside
    }

    public let key: Key
    public let name: String
    public let place: Place

    /// A name in incoming/ that asks for a key; `nil` for every other name.
    public init?(incoming name: String) {
        switch DropName(name) {
        case .request(let key), .conflict(let key): self.init(key: key, name: name, place: .incoming)
        case .unfinished, .sidecar, .refused: return nil
        }
    }

    /// A name in aside/, as `asideName` makes them; `nil` for every other name.
    public init?(aside name: String) {
        guard let mark = name.lastIndex(of: "~"), name[..<mark].hasSuffix(".json"),
            let key = Key(stem: name[..<mark].dropLast(5))
        else { return nil }
        self.init(key: key, name: name, place: .aside)
    }

    private init(key: Key, name: String, place: Place) {
        self.key = key
        self.name = name
        self.place = place
    }

    /// Whether the drop bears the name of a conflict that came back from dead/.
    var isReturnedConflict: Bool { place == .incoming && name != key.fileName }

    /// Whether it may be the request of its key itself; what stands aside, or bears a conflict's name, met another one
    /// under that key before.
    var bearsOwnName: Bool { place == .incoming && name == key.fileName }
}
