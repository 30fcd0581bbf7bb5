public import JSON
internal import Settle
public import Spool
internal import SystemPackage
internal import Times

/// What was deleted from the archive, by hand.
public struct ArchiveDeletion: Sendable, Equatable {
    /// A day whose time had come.
    public struct Day: Sendable, Equatable {
        public let day: ArchiveDay
        /// Files that were deleted.
        public let files: Int
        /// Why its folder stays, as the second half of a sentence; `nil` if it is gone.
        public let objection: String?
    }

    public private(set) var days: [Day] = []

    /// Deletes until nothing more is due. Throws what the file system does; what is gone by then is gone.
    init(by deleter: inout ArchiveDeleter, now: Timestamp) throws(Errno) {
        var fromStart = true
        while let step = try deleter.step(fromStart: fromStart, limit: 1024, now: now) {
            fromStart = false
            switch step.outcome {
            case .goesOn: break
            case .gone(let files): days.append(Day(day: step.day, files: files, objection: nil))
            case .left(let files, let reason): days.append(Day(day: step.day, files: files, objection: reason))
            }
        }
    }

    /// For a person, a line a day that stays or would go, and one for all.
    public func lines(isDry: Bool) -> [String] {
        let gone = days.filter { $0.objection == nil }
        let files = days.reduce(0) { $0 + $1.files }
        let list = days.compactMap { day -> String? in
            if let objection = day.objection { return "archive/\(day.day) stays: \(objection)." }
            return isDry ? "archive/\(day.day): \(day.files.counted("file"))" : nil
        }
        let verb = isDry ? "Would delete" : "Deleted"
        return list + ["\(verb) \(gone.count.counted("day")) from the archive, \(files.counted("file"))."]
    }

    /// `deleted_days`, `deleted_files` and `kept_days`.
    public func write(to writer: inout JSONWriter) {
        writer.name("deleted_days")
        writer.beginArray()
        for day in days where day.objection == nil { writer.string(day.day.name) }
        writer.endArray()
        writer.member("deleted_files", days.reduce(0) { $0 + $1.files })
        writer.name("kept_days")
        writer.beginArray()
        for day in days where day.objection != nil { writer.string(day.day.name) }
        writer.endArray()
    }
}
