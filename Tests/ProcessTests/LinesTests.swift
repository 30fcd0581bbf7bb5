import Process
import TestSupport
import Testing

@Suite("Lines and their totals")
struct LinesTests {
    @Test("lines are added up, each taxed and rounded by itself")
    func totals() throws {
        let totals = try request(
            lines: line(quantity: "3", unit: "1999", rate: "19"), line(quantity: "1", unit: "-500"),
            line(quantity: "2", unit: "333", rate: "7.5")
        ).totals
        // 5997 + 19 % (1139.43 → 1139), −500, 666 + 7.5 % (49.95 → 50).
        #expect(totals == Totals(subtotalCents: 6163, taxCents: 1189, totalCents: 7352))
    }

    @Test("lines keep what they say")
    func kept() throws {
        let line = try #require(
            try request(lines: line(description: "\"\"", quantity: "2", unit: "50", rate: "8.875")).lines.first)
        #expect(line.description == "")
        #expect(line.quantity == 2)
        #expect(line.unitAmountCents == 50)
        #expect(line.taxRate?.tenThousandths == 88_750)
    }

    @Test(
        "half a cent of tax goes away from zero",
        arguments: [
            (50, "1", 1), (49, "1", 0), (150, "1", 2), (-50, "1", -1), (-49, "1", 0), (-150, "1", -2),
            (10, "5", 1), (100, "0", 0), (100, "100", 100), (1, "49.9999", 0), (1, "50", 1), (1_000_000, "0.0001", 1),
            (499_999, "0.0001", 0), (500_000, "0.0001", 1), (105, "10", 11), (115, "10", 12), (.max, "100", .max),
            (.min, "100", .min), (.max, "50", 4_611_686_018_427_387_904), (.min, "0", 0),
        ] as [(Int64, String, Int64)])
    func rounding(amount: Int64, rate: String, tax: Int64) throws {
        let positive = try request(lines: line(unit: "1", rate: rate))
        #expect(positive.lines.first?.taxRate?.tax(onCents: amount) == tax)
    }

    @Test(
        "rates are exact decimals",
        arguments: [
            ("0", 0), ("100", 1_000_000), ("100.0000", 1_000_000), ("1e1", 100_000),
            ("0.0001", 1), ("8.8750", 88_750), ("19", 190_000), ("0.00010000", 1),
        ] as [(String, Int64)])
    func rates(text: String, tenThousandths: Int64) throws {
        let line = try #require(try request(lines: line(rate: text)).lines.first)
        #expect(line.taxRate?.tenThousandths == tenThousandths)
    }

    @Test(
        "a field of a line that is missing or wrong is named",
        arguments: [
            (line(description: nil), "missing_field", "lines[1].description"),
            (line(description: "7"), "invalid_field", "lines[1].description"),
            (line(description: "null"), "invalid_field", "lines[1].description"),
            (line(quantity: nil), "missing_field", "lines[1].quantity"),
            (line(quantity: "0"), "invalid_field", "lines[1].quantity"),
            (line(quantity: "-1"), "invalid_field", "lines[1].quantity"),
            (line(quantity: "1.5"), "invalid_field", "lines[1].quantity"),
            (line(quantity: "\"2\""), "invalid_field", "lines[1].quantity"),
            (line(quantity: "9223372036854775808"), "invalid_field", "lines[1].quantity"),
            (line(unit: nil), "missing_field", "lines[1].unit_amount_cents"),
            (line(unit: "9.99"), "invalid_field", "lines[1].unit_amount_cents"),
            (line(unit: "\"9\""), "invalid_field", "lines[1].unit_amount_cents"),
            (line(unit: "-9223372036854775809"), "invalid_field", "lines[1].unit_amount_cents"),
            (line(rate: "-1"), "invalid_field", "lines[1].tax_rate"),
            (line(rate: "100.0001"), "invalid_field", "lines[1].tax_rate"),
            (line(rate: "8.87501"), "invalid_field", "lines[1].tax_rate"),
            (line(rate: "\"19%\""), "invalid_field", "lines[1].tax_rate"),
            (line(rate: "null"), "invalid_field", "lines[1].tax_rate"),
        ])
    func wrongField(wrong: String, code: String, field: String) {
        let rejection = rejection(ofLines: line(), wrong)
        #expect(rejection?.code == code)
        #expect(rejection?.message.contains("`\(field)`") == true)
    }

    @Test("an amount that does not fit names its line")
    func lineOverflow() {
        let rejection = rejection(ofLines: line(), line(quantity: "2", unit: "9223372036854775807"))
        #expect(rejection?.code == "overflow")
        #expect(rejection?.message == "The amount of `lines[1]` does not fit 64 bits.")
    }

    @Test("a sum that does not fit names the line where it happens")
    func sumOverflow() {
        let subtotal = rejection(ofLines: line(unit: "9223372036854775807"), line(), line())
        #expect(subtotal?.code == "overflow")
        #expect(subtotal?.message.contains("`lines[1]`") == true)
        let negative = rejection(ofLines: line(unit: "-9223372036854775808"), line(unit: "-1"))
        #expect(negative?.code == "overflow")
        let total = rejection(ofLines: line(unit: "9223372036854775807", rate: "1"))
        #expect(total?.code == "overflow")
        #expect(total?.message == "The total of all `lines` does not fit 64 bits.")
    }

    @Test("an invoice comes to at least one cent")
    func least() throws {
        #expect(try request(lines: line(unit: "100"), line(unit: "-99")).totals.totalCents == 1)
        for lines in [[line(unit: "0")], [line(), line(unit: "-100")], [line(unit: "-1")]] {
            let rejection = rejection(ofLines: lines.joined(separator: ","))
            #expect(rejection?.code == "invalid_field")
            #expect(rejection?.message.hasPrefix("The field `lines` comes to ") == true)
        }
    }

    @Test("random lines agree with arithmetic in 128 bits", arguments: 1...3 as ClosedRange<UInt64>)
    func random(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let size = Int64(1) << Int64.random(in: 0...62, using: &random)
            let quantity = Int64.random(in: 1...1000, using: &random)
            let unit = Int64.random(in: -size...size, using: &random)
            let rate = Int64.random(in: 0...1_000_000, using: &random)
            let decimals = String(String(10_000 + rate % 10_000).dropFirst())
            let lines = line(quantity: "\(quantity)", unit: "\(unit)", rate: "\(rate / 10_000).\(decimals)")
            let subtotal = Int128(quantity) * Int128(unit)
            let tax = Int128(subtotal.magnitude * UInt128(rate) + 500_000) / 1_000_000 * subtotal.signum()
            let total = subtotal + tax
            do throws(Rejection) {
                let totals = try request(lines: lines).totals
                #expect(Int128(totals.subtotalCents) == subtotal)
                #expect(Int128(totals.taxCents) == tax)
                #expect(Int128(totals.totalCents) == total)
                #expect(total >= 1)
            } catch {
                let fits = Int64(exactly: total) != nil && Int64(exactly: subtotal) != nil
                #expect(error.kind == .overflow ? !fits : total < 1)
            }
        }
    }
}
