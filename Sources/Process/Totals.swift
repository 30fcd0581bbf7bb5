/// What an invoice comes to, in cents (the smallest unit of its currency).
public struct Totals: Sendable, Equatable {
    /// The lines before tax.
    public let subtotalCents: Int64
    public let taxCents: Int64
    /// Subtotal and tax; at least 1.
    public let totalCents: Int64

    public init(subtotalCents: Int64, taxCents: Int64, totalCents: Int64) {
        self.subtotalCents = subtotalCents
        self.taxCents = taxCents
        self.totalCents = totalCents
    }
}
