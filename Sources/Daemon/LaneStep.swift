internal import Claim
internal import Engine
internal import Settle
internal import Spool
internal import SystemPackage

/// What is left to do with a transition once what it wrote is durable.
enum LaneStep {
    case answer(Event)
    /// Its `.error` is durable, and so is the event that tells of it, if somebody hears that: move both.
    indirect case bury(Preparation, ErrorReport, Herald.Staged?)
    /// Its attempts are durable: settle it.
    indirect case settle(Record, Record.Ending)

    /// What a request was prepared for, and so what the engine is answered.
    enum Preparation {
        case claim(Drop)
        case load(Key)
        case complete(Key)

        var key: Key {
            switch self {
            case .claim(let drop): drop.key
            case .load(let key), .complete(let key): key
            }
        }

        func answer(_ result: ClaimResult) -> Event {
            switch self {
            case .claim(let drop): .claimed(drop, .success(result))
            case .load(let key): .loaded(key, .success(result))
            case .complete(let key): .completed(key, .success(result))
            }
        }
    }

    /// Whether an `.invoice` or `.error` was written, which tells under which name the request was dropped.
    var holdsName: Bool {
        switch self {
        case .bury, .answer(.claimed(_, .success(.ready))), .answer(.loaded(_, .success(.ready))): true
        case .answer, .settle: false
        }
    }

    /// Whether the file system refused what was to be written.
    var isRefused: Bool {
        switch self {
        case .answer(.claimed(_, .failure)), .answer(.loaded(_, .failure)), .answer(.completed(_, .failure)): true
        case .answer, .bury, .settle: false
        }
    }

    /// The answer when the move is refused: its lines stand, and must not be written again.
    func failure(_ code: Errno) -> Event? {
        if case .settle(let record, _) = self { .recorded(record.withoutLines, .failure(code)) } else { nil }
    }
}
