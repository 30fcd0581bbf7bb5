/// One line of an invoice request.
public struct InvoiceLine: Sendable, Equatable {
    public let description: String
    /// At least 1.
    public let quantity: Int64
    /// Cents for one; negative for a discount or a credit.
    public let unitAmountCents: Int64
    public let taxRate: TaxRate?

    /// Quantity times unit amount; `nil` if 64 bits do not hold it.
    var amountCents: Int64? {
        let (amount, overflow) = quantity.multipliedReportingOverflow(by: unitAmountCents)
        return overflow ? nil : amount
    }
}
