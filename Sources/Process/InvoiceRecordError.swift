/// Why a `.invoice` file can't be believed; it shows nothing of the content.
public struct InvoiceRecordError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A whole sentence about the file, without its name.
    public let problem: String

    init(problem: String) {
        self.problem = problem
    }

    init(field: String) {
        self.init(problem: "Its field `\(field)` is missing or not as Billhook writes it.")
    }

    public var description: String { "The .invoice file can't be used. \(problem)" }
}
