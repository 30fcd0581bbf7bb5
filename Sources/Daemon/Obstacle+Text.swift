internal import Engine
internal import Files
internal import Spool
internal import SystemPackage

extension Obstacle {
    /// What is in the way and what to do about it, in lower case and without a full stop: for the log, and for `status`.
    var text: String {
        switch self {
        case .unreadableSubscriptions:
            "subscriptions/ can't be read, so nothing is claimed; check its owner and mode"
        case .short(let shortage):
            "\(shortage.text): nothing is claimed until there is room; make some, or archive"
        case .trouble(let code):
            "the spool refuses work: \(code); nothing is claimed until it goes again\(Obstacle.advice(code))"
        case .processor(let message, let fix):
            "nothing is processed until the processor can be started. \(message) \(fix.droppingFullStop)"
        case .crowded(let states):
            states.map { Obstacle.crowdedText($0) }.joined(separator: "; ")
        }
    }

    static func crowdedText(_ state: State) -> String {
        "\(state.rawValue)/ takes no more names, though the disk has room; what should go there waits in processing/:"
            + " archive, or move files out of \(state.rawValue)/"
    }

    private static func advice(_ code: Errno) -> String {
        switch code {
        case .noSpace, .diskQuotaExceeded:
            "; make room (df, df -i; if both show some, a directory of the spool takes no more names)"
        case .readOnlyFileSystem: "; mount it writable again"
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem:
            "; raise the limit on open files (LimitNOFILE= or ulimit -n)"
        default: ""
        }
    }
}

extension String {
    /// A sentence that somebody else ends.
    fileprivate var droppingFullStop: Substring { hasSuffix(".") ? dropLast() : self[...] }
}
