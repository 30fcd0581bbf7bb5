internal import Spool

/// A name in a directory of the spool that is looked at.
struct CheckEntry: Sendable, Hashable {
    enum Place: Sendable, Hashable {
        case state(State)
        case aside

        var path: String {
            switch self {
            case .state(let state): state.rawValue
            case .aside: ".billhook/aside"
            }
        }
    }

    let place: Place
    let name: [UInt8]

    var path: String { "\(place.path)/\(DropName.escaped(name))" }
}
