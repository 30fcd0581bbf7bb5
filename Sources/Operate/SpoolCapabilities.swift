internal import Files
public import Spool
internal import SystemPackage
internal import Watch

/// What the file system of a spool can do, found out by trying.
public struct SpoolCapabilities: Sendable, Equatable {
    /// How changes are heard of.
    public enum Changes: Sendable, Equatable {
        case inotify
        /// By reading the directories again and again; says why, as the second half of a sentence.
        case polling(because: String)
        /// It was not tried.
        case unknown
    }

    public let renames: Spool.Renames
    public let changes: Changes

    public init(renames: Spool.Renames, changes: Changes) {
        self.renames = renames
        self.changes = changes
    }

    /// Tries out what the spool can do, with files of its own in `.billhook/` and, if `watching`, in incoming/.
    ///
    /// - Parameter watching: also tries inotify, which takes up to a second and the one `Watcher` of this process.
    public static func probe(_ spool: Spool, watching: Bool) -> SpoolCapabilities {
        SpoolCapabilities(renames: probeRenames(spool), changes: watching ? probeChanges(spool) : .unknown)
    }

    /// For a person: `renames by renameat2, changes by inotify`.
    public var text: String {
        let renaming =
            switch renames {
            case .atomic: "renames by renameat2"
            case .links: "renames by link and unlink"
            case .none(let reason): "no safe renames (\(reason))"
            case .unknown(let reason): "renames not tried (\(reason))"
            }
        return switch changes {
        case .inotify: "\(renaming), changes by inotify"
        case .polling(let reason): "\(renaming), changes by polling (\(reason))"
        case .unknown: renaming
        }
    }

    var findings: [CheckFinding] {
        guard case .none(let reason) = renames else { return [] }
        return [
            CheckFinding(
                .error, "no_safe_rename", ".",
                "Files can't be renamed without the danger of overwriting others: \(reason).",
                advice: "Put the spool on another file system, and check that this user may write to it.")
        ]
    }

    private static func probeRenames(_ spool: Spool) -> Spool.Renames {
        do throws(Errno) {
            return try spool.tryRenames(mark: String(UInt64.random(in: .min ... .max), radix: 16))
        } catch {
            return .unknown(because: "no file can be written or renamed in .billhook/ (\(error))")
        }
    }

    private static func probeChanges(_ spool: Spool) -> Changes {
        let directory = spool.path.appending("incoming").string
        do throws(WatchError) {
            let watcher = try Watcher([Watcher.Interest(path: directory, tag: 0, events: .arrivals)])
            defer { watcher.close() }
            var others: [WatchEvent] = []
            let objection = try NotificationProbe.objection(watcher, directory: directory, tag: 0, others: &others)
            return objection.map { .polling(because: $0) } ?? .inotify
        } catch {
            let sentences = "\(error)"
            return .polling(because: sentences.hasSuffix(".") ? String(sentences.dropLast()) : sentences)
        }
    }
}
