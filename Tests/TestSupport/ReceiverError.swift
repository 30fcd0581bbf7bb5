/// Why a `Receiver` could not do what a test asked for.
public struct ReceiverError: Error, CustomStringConvertible {
    /// A sentence that names what was expected and what there was.
    public let description: String

    /// Makes an error with that sentence.
    public init(description: String) {
        self.description = description
    }
}
