/// Something that `check` found in a spool, explained.
public struct CheckFinding: Sendable, Equatable {
    /// How bad it is.
    public enum Level: String, Sendable, CaseIterable {
        /// Good to know; nothing has to be done.
        case info
        /// It works, or Billhook will mend it by itself, but somebody should look.
        case warning
        /// A combination that a spool must not have.
        case error
    }

    public let level: Level
    /// One of a bounded list, for programs: `twin`, `orphan`, `two_requests`…
    public let code: String
    /// Where, relative to the spool; bytes that are no printable ASCII are escaped.
    public let path: String
    /// Whole sentences: what it is and why it is wrong.
    public let message: String
    /// A whole sentence: what `--repair` does about it, or what the person should do.
    public let advice: String

    let repair: CheckRepair?
    /// The entry that it was found at, to look at again; `nil` for what concerns the spool as a whole.
    var origin: CheckEntry?

    /// Whether `--repair` mends it.
    public var isRepairable: Bool { repair != nil }

    init(_ level: Level, _ code: String, _ path: String, _ message: String, advice: String) {
        self.init(level, code, path, message, advice: advice, repair: nil)
    }

    init(_ level: Level, _ code: String, _ path: String, _ message: String, repair: CheckRepair) {
        self.init(level, code, path, message, advice: repair.promise, repair: repair)
    }

    private init(
        _ level: Level, _ code: String, _ path: String, _ message: String, advice: String, repair: CheckRepair?
    ) {
        self.level = level
        self.code = code
        self.path = path
        self.message = message
        self.advice = advice
        self.repair = repair
    }

    /// The same finding after its repair has failed: a person has to do it.
    func unmended(because reason: String) -> CheckFinding {
        var left = CheckFinding(
            level, code, path, message, advice: "It could not be repaired: \(reason). Correct that, then check again.")
        left.origin = origin
        return left
    }

    /// Whether both say the same of the same file; details such as counts may differ.
    func isSame(as other: CheckFinding) -> Bool {
        code == other.code && path == other.path
    }
}
