/// What one step of deleting from the archive came to.
public struct DeletionStep: Sendable, Equatable {
    /// What became of a day's folder.
    public enum Outcome: Sendable, Equatable {
        /// There is more in it.
        case goesOn
        /// It is deleted, with all the files that were in it.
        case gone(files: Int)
        /// It stays, since something in it can't or must not be deleted; says what, as the second half of a sentence.
        case left(files: Int, because: String)
    }

    public let day: ArchiveDay
    /// Files that were deleted in this step.
    public let files: Int
    public let outcome: Outcome

    public init(day: ArchiveDay, files: Int, outcome: Outcome) {
        self.day = day
        self.files = files
        self.outcome = outcome
    }
}
