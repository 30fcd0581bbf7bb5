internal import Spool

/// A repair that is safe: nothing is removed whose content stands nowhere else.
enum CheckRepair: Sendable, Equatable {
    /// Remove one of two names of one file.
    case removeTwin(name: String, from: State, keptIn: State)
    /// The same, where the name that stays is in the archive.
    case removeArchivedTwin(name: String, from: State, day: String, archivedName: String)
    /// Move a sidecar to its request.
    case join(Sidecar, Key, from: State, to: State)
    /// Move a file to today's folder in the archive.
    case archive(name: String, from: State)
    /// Move the sidecars of a request that is in the archive after it.
    case followToArchive(Key, day: String, mark: String)
    /// End the last line of a file with a newline.
    case closeLine(name: String, in: State)

    /// What it does, as a whole sentence.
    var promise: String {
        switch self {
        case .removeTwin(_, let state, let kept):
            "--repair removes the name in \(state.rawValue)/ and keeps the one in \(kept.rawValue)/."
        case .removeArchivedTwin(_, let state, let day, _):
            "--repair removes the name in \(state.rawValue)/ and keeps the one in archive/\(day)/."
        case .join(_, _, _, let target): "--repair moves it to \(target.rawValue)/, beside its request."
        case .archive: "--repair moves it to today's folder in archive/."
        case .followToArchive(_, let day, _): "--repair moves it to archive/\(day)/, beside its request."
        case .closeLine: "--repair ends the line with a newline; nothing is cut off."
        }
    }

    /// What it did, as a whole sentence.
    var deed: String {
        switch self {
        case .removeTwin(_, let state, let kept):
            "The name in \(state.rawValue)/ was removed; the one in \(kept.rawValue)/ stays."
        case .removeArchivedTwin(_, let state, let day, _):
            "The name in \(state.rawValue)/ was removed; the one in archive/\(day)/ stays."
        case .join(_, _, _, let target): "It was moved to \(target.rawValue)/, beside its request."
        case .archive: "It was moved to today's folder in archive/."
        case .followToArchive(_, let day, _): "It was moved to archive/\(day)/, beside its request."
        case .closeLine: "The line was ended with a newline."
        }
    }
}
