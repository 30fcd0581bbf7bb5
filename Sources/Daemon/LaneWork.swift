internal import Claim
internal import Engine
internal import Spool
internal import SystemPackage

/// A transition that a lane performs.
enum LaneWork: Sendable {
    indirect case claim(Drop, Claimer.Evidence, evenIfIncomplete: Bool)
    case refuse([UInt8], because: String)
    case bringHome(String)
    case load(Key)
    indirect case complete(Completion)
    indirect case record(Record)
    case archive(Key)
    case buryUnread(Suspect)

    /// Work on one key is done in one lane, in the order in which it was asked for.
    var shard: Int { key?.hashValue ?? 0 }

    var key: Key? {
        switch self {
        case .claim(let drop, _, _): drop.key
        case .refuse: nil
        case .bringHome(let name): SidecarName(name)?.key
        case .load(let key), .archive(let key): key
        case .complete(let completion): completion.key
        case .record(let record): record.key
        case .buryUnread(let suspect): suspect.key
        }
    }

    /// Whether it can be claimed in a row with its neighbours, no two of which have the same key.
    var isOfRow: Bool {
        if case .claim(let drop, _, _) = self { drop.bearsNameOfKey } else { false }
    }

    /// The answer when the file system refuses it.
    func failure(_ code: Errno) -> Event {
        switch self {
        case .claim(let drop, _, _): .claimed(drop, .failure(code))
        case .refuse(let name, let reason): .refused(name, because: reason, .failure(code))
        case .bringHome(let name): .broughtHome(name, isLeft: true)
        case .load(let key): .loaded(key, .failure(code))
        case .complete(let completion): .completed(completion.key, .failure(code))
        case .record(let record): .recorded(record, .failure(code))
        case .archive(let key): .archived(key, .failure(code))
        case .buryUnread(let suspect): .buriedUnread(suspect, .failure(code))
        }
    }
}
