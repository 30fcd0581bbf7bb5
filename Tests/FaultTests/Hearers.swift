import Foundation
import Synchronization
import TestSupport

/// The receiver of one walk: it outlives every kill of the daemon and remembers all calls.
///
/// - `/steady` answers 200.
/// - `/flaky` refuses the first call of each delivery, and each odd one after it.
/// - `/grim` refuses every invoice whose key begins with one of `refused`.
///
/// They refuse with 422, which says nothing about how they are: a breaker's pauses would make each walk take many times
/// as long.
final class Hearers: Sendable {
    let receiver: Receiver

    init(refused: [String]) throws {
        let counts = Mutex<[String: Int]>([:])
        receiver = try Receiver { call in
            switch call.path {
            case "/flaky":
                let count = counts.withLock { counts in
                    counts[call.deliveryID ?? "", default: 0] += 1
                    return counts[call.deliveryID ?? ""] ?? 0
                }
                return .status(count.isMultiple(of: 2) ? 200 : 422)
            case "/grim":
                let key = (try? Event(call))?.key ?? ""
                return .status(refused.contains { key.hasPrefix($0) } ? 422 : 200)
            default:
                return .status(200)
            }
        }
    }
}

/// What a webhook's body tells.
struct Event: Decodable {
    struct Invoice: Decodable {
        let id: String
        let key: String
    }

    let type: String
    let data: Invoice

    var key: String { data.key }

    init(_ call: Call) throws {
        self = try JSONDecoder().decode(Event.self, from: Data(call.body))
    }
}
