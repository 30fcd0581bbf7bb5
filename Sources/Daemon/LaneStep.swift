internal import Engine
internal import Settle
internal import Spool
internal import SystemPackage

/// What is left to do with a transition once what it wrote is durable.
indirect enum LaneStep {
    case answer(Event)
    /// Its `.error` is durable, and so is the event that tells of it, if somebody hears that: move both.
    case bury(Key, ErrorReport, Herald.Staged?, answer: @Sendable (ClaimResult) -> Event)
    /// Its attempts are durable: settle it.
    case settle(Record, Record.Ending)

    /// Whether an `.invoice` or `.error` was written, which tells under which name the request was dropped.
    var holdsName: Bool {
        switch self {
        case .bury, .answer(.claimed(_, .success(.ready))), .answer(.loaded(_, .success(.ready))): true
        case .answer, .settle: false
        }
    }

    /// The answer when the move is refused: its lines stand, and must not be written again.
    func failure(_ code: Errno) -> Event? {
        if case .settle(let record, _) = self { .recorded(record.withoutLines, .failure(code)) } else { nil }
    }
}
