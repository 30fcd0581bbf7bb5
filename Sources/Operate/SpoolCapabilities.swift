internal import Files
public import Spool
internal import SystemPackage
internal import Watch

/// What the file system of a spool can do, found out by trying.
public struct SpoolCapabilities: Sendable, Equatable {
    /// How files are renamed without replacing others.
    public enum Renames: Sendable, Equatable {
        /// In one step (`renameat2(2)`, `RENAME_NOREPLACE`).
        case atomic
        /// By a second link and the removal of the first; a crash in between leaves both.
        case links
        /// In neither way, and so not safely; says why, as the second half of a sentence.
        case none(because: String)
        /// It could not be tried; says why, as the second half of a sentence.
        case unknown(because: String)
    }

    /// How changes are heard of.
    public enum Changes: Sendable, Equatable {
        case inotify
        /// By reading the directories again and again; says why, as the second half of a sentence.
        case polling(because: String)
        /// It was not tried.
        case unknown
    }

    public let renames: Renames
    public let changes: Changes

    public init(renames: Renames, changes: Changes) {
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

    // MARK: Renames

    /// Judges by two trials, since a FUSE file system that can't do it may well answer `EEXIST` where the target stands
    /// and `EINVAL` only where it does not.
    ///
    /// - Parameters:
    ///   - fresh: the error of a rename to a name that is free; `nil` for success.
    ///   - taken: the error of a rename to a name that is taken.
    ///   - link: what became of the same two trials by link; asked only if the rename can't be had.
    static func judge(fresh: Errno?, taken: Errno?, link: () -> String?) -> Renames {
        switch (fresh, taken) {
        case (nil, .fileExists?): return .atomic
        case (_, nil): return .none(because: "a rename that must not replace a file replaced one")
        case (.invalidArgument?, _), (.noFunction?, _), (.notSupported?, _):
            return link().map { .none(because: $0) } ?? .links
        case (let error?, _), (nil, let error?): return .none(because: "a trial of it failed (\(error))")
        }
    }

    private static func probeRenames(_ spool: Spool) -> Renames {
        let base = "probe-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        let names = ["a", "b", "c"].map { "\(base)-\($0).tmp" }
        let paths = names.map { spool.path.appending(".billhook").appending($0) }
        defer { for name in names { _ = try? spool.own.remove(name) } }
        do throws(Errno) {
            for name in names.prefix(2) { try spool.own.write(name, [], durably: false) }
        } catch {
            return .unknown(because: "no file can be written in .billhook/ (\(error))")
        }
        let taken = CheckSystem.renameWithoutReplacing(paths[0], paths[1])
        let fresh = CheckSystem.renameWithoutReplacing(paths[1], paths[2])
        return judge(fresh: fresh, taken: taken) { linkObjection(spool, names) }
    }

    /// Why moving by link does not work either; `nil` if it does.
    private static func linkObjection(_ spool: Spool, _ names: [String]) -> String? {
        do throws(Errno) {
            for name in names.prefix(2) { try spool.own.write(name, [], durably: false) }
            _ = try spool.own.remove(names[2])
            if try spool.own.move(names[0], to: spool.own, as: names[1]) { return "a link replaced a file" }
            return try spool.own.move(names[0], to: spool.own, as: names[2]) ? nil : "a link to a free name was refused"
        } catch {
            return "there is no renameat2, and a link failed (\(error))"
        }
    }

    // MARK: Changes

    private static func probeChanges(_ spool: Spool) -> Changes {
        let directory = spool.path.appending("incoming").string
        do throws(WatchError) {
            let watcher = try Watcher([Watcher.Interest(path: directory, tag: 0, events: .arrivals)])
            defer { watcher.close() }
            var others: [WatchEvent] = []
            guard try NotificationProbe.works(watcher, directory: directory, tag: 0, others: &others) else {
                return .polling(because: "this file system raises no inotify events")
            }
            if NotificationProbe.mayHideRemoteChanges(in: directory) {
                return .polling(because: "other hosts may change this file system, and inotify does not see that")
            }
            return .inotify
        } catch {
            let sentences = "\(error)"
            return .polling(because: sentences.hasSuffix(".") ? String(sentences.dropLast()) : sentences)
        }
    }
}
