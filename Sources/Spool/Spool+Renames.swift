internal import Files
public import SystemPackage

extension Spool {
    /// How names are protected on the spool's file system: how files are renamed without replacing others.
    public enum Renames: Sendable, Equatable {
        /// In one step (`renameat2(2)`, `RENAME_NOREPLACE`).
        case atomic
        /// By a second link and the removal of the first; a crash in between leaves both.
        case links
        /// In neither way, and so not safely; says why, as the second half of a sentence.
        case none(because: String)
        /// It could not be tried; says why, as the second half of a sentence.
        case unknown(because: String)

        /// Judges by two trials, since a FUSE file system that can't do it may well answer `EEXIST` where the target
        /// stands and `EINVAL` only where it does not.
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
    }

    /// Tries out how files can be renamed, with three files in `.billhook/` that are gone afterwards.
    ///
    /// Throws what prevents the trial: no room, no right, a broken disk.
    ///
    /// - Parameter mark: part of their names. Whoever holds the lock always gives the same, so that what a crash leaves
    ///   goes with the next trial; others each give their own.
    public func tryRenames(mark: String) throws(Errno) -> Renames {
        let names = ["a", "b", "c"].map { "probe-\(mark)-\($0).tmp" }
        defer { for name in names { _ = try? own.remove(name) } }
        try own.remove(names[2])
        for name in names.prefix(2) { try own.write(name, [], durably: false) }
        let taken = try refusal(of: names[0], to: names[1])
        let fresh = try refusal(of: names[1], to: names[2])
        return Renames.judge(fresh: fresh, taken: taken) { linkObjection(names) }
    }

    /// How the rename is refused; `nil` if it is done. Throws what says nothing of the kind of rename.
    private func refusal(of name: String, to newName: String) throws(Errno) -> Errno? {
        do throws(Errno) {
            try own.renameWithoutReplacing(name, to: own, as: newName)
            return nil
        } catch  where [.fileExists, .invalidArgument, .noFunction, .notSupported].contains(error) {
            return error
        }
    }

    /// Why moving by link does not work either; `nil` if it does.
    private func linkObjection(_ names: [String]) -> String? {
        let own = own.movingByLink()
        do throws(Errno) {
            for name in names.prefix(2) { try own.write(name, [], durably: false) }
            try own.remove(names[2])
            if try own.move(names[0], to: own, as: names[1]) { return "a link replaced a file" }
            return try own.move(names[0], to: own, as: names[2]) ? nil : "a link to a free name was refused"
        } catch {
            return "there is no renameat2, and a link failed (\(error))"
        }
    }

    /// The spool with the names in some directories remembered while nothing changes there.
    ///
    /// In dead/ and hold/ nothing does, as a rule, and each claim asks five times for a name that stands there only if it
    /// has come before. The others change with every request, but only while a daemon runs.
    public func rememberingNames(in states: [State] = [.hold, .dead]) -> Spool {
        var copy = self
        for state in states {
            switch state {
            case .incoming: copy.incoming = incoming.rememberingNames()
            case .processing: copy.processing = processing.rememberingNames()
            case .done: copy.done = done.rememberingNames()
            case .dead: copy.dead = dead.rememberingNames()
            case .hold: copy.hold = hold.rememberingNames()
            }
        }
        return copy
    }

    /// The spool with its files moved in a way that was found to work.
    ///
    /// Throws `unsafeRenames` if none was.
    public func moving(by renames: Renames) throws(SpoolError) -> Spool {
        switch renames {
        case .atomic: return self
        case .none(let reason), .unknown(let reason): throw .unsafeRenames(path, because: reason)
        case .links:
            var copy = self
            for directory in Spool.movingDirectories {
                copy[keyPath: directory] = self[keyPath: directory].movingByLink()
            }
            return copy
        }
    }
}
