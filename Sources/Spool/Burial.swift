/// What came of moving a condemned file to dead/.
public enum Burial: Sendable, Equatable {
    /// It stands in dead/ under this name, with this report beside it.
    case buried(fileName: String, ErrorReport)
    /// It has gone.
    case vanished
    /// Another request stands where it was to go; it was left.
    case blocked
}
