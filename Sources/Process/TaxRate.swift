public import JSON

/// A rate in percent, exact to four decimals.
public struct TaxRate: Sendable, Equatable {
    /// Ten-thousandths of a percent, 0 to 1,000,000 (100 %).
    public let tenThousandths: Int64

    /// A number of percent from 0 to 100 with at most four decimals; `nil` for any other.
    public init?(percent: JSONNumber) {
        guard let value = percent.int64(decimals: 4), (0...1_000_000).contains(value) else { return nil }
        tenThousandths = value
    }

    /// The tax on an amount, rounded to the cent, a half away from zero, as invoices are commonly rounded; so the tax
    /// on a credit is exactly the tax on the charge it takes back. Its magnitude never exceeds that of the amount.
    public func tax(onCents amount: Int64) -> Int64 {
        let millionths = Int128(amount) * Int128(tenThousandths)
        let half: Int128 = millionths < 0 ? -500_000 : 500_000
        return Int64((millionths + half) / 1_000_000)
    }
}
