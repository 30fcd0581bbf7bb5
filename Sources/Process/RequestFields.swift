internal import JSON

/// The rules of each field of a request, and the sentence for each way to break one.
struct RequestFields {
    static let longestCustomerID = 500

    private let object: JSONObject

    init(_ object: JSONObject) {
        self.object = object
    }

    func customerID() throws(Rejection) -> String {
        // Not put together for each request that needs none.
        var hint: String { "Give the customer's id as a string of 1 to \(Self.longestCustomerID) characters." }
        guard let value = object["customer_id"] else { throw .missing("customer_id", hint: hint) }
        guard let text = value.string else {
            throw .invalid("customer_id", "must be a string, not \(value.kindName)", hint: hint)
        }
        if text.isEmpty { throw .invalid("customer_id", "is empty", hint: hint) }
        // Scalars are counted, not grapheme clusters: those may be of any length. There are never more than bytes.
        if text.utf8.count > Self.longestCustomerID, text.unicodeScalars.count > Self.longestCustomerID {
            throw .invalid("customer_id", "is longer than \(Self.longestCustomerID) characters", hint: hint)
        }
        if text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
            throw .invalid(
                "customer_id", "contains a control character", hint: "Remove line breaks, tabs and the like.")
        }
        return text
    }

    func currency() throws(Rejection) -> String {
        let hint = "Give three letters such as \"EUR\", or leave the field out for USD."
        guard let value = object["currency"] else { return "USD" }
        guard let text = value.string else {
            throw .invalid("currency", "must be a string, not \(value.kindName)", hint: hint)
        }
        guard text.utf8.count == 3, text.utf8.allSatisfy({ ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }) else {
            throw .invalid("currency", "must be three letters", hint: hint)
        }
        if text.utf8.allSatisfy({ $0 & 0x20 == 0 }) { return text }
        return String(decoding: text.utf8.map { $0 & ~0x20 }, as: UTF8.self)
    }

    func metadata(in bytes: [UInt8]) throws(Rejection) -> [UInt8]? {
        guard let member = object.member("metadata") else { return nil }
        guard member.value.object != nil else {
            throw .invalid(
                "metadata", "must be an object, not \(member.value.kindName)",
                hint: "Give an object such as {\"order\": \"1234\"}, or leave the field out.")
        }
        return Array(bytes[member.source])
    }

    func lines() throws(Rejection) -> [InvoiceLine] {
        guard let value = object["lines"] else { return [] }
        let hint = "Give an array of at least one object, or leave the field out and give `amount_cents`."
        guard let elements = value.array else {
            throw .invalid("lines", "must be an array, not \(value.kindName)", hint: hint)
        }
        if elements.isEmpty { throw .invalid("lines", "is an empty array", hint: hint) }
        var lines: [InvoiceLine] = []
        lines.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            lines.append(try LineFields(element, index: index).line())
        }
        return lines
    }

    /// The totals of the lines, or of the bare amount; where both are given they must agree.
    func totals(of lines: [InvoiceLine]) throws(Rejection) -> Totals {
        let amount = try amountCents()
        if lines.isEmpty {
            guard let amount else {
                throw Rejection(
                    .missingField, "Neither `amount_cents` nor `lines` is given.",
                    hint: "Give the amount in cents, or the lines it is the total of.")
            }
            return Totals(subtotalCents: amount, taxCents: 0, totalCents: amount)
        }
        let totals = try Totals(of: lines)
        if let amount, amount != totals.totalCents {
            throw Rejection(
                .amountDisagrees, "The field `amount_cents` is \(amount), but `lines` come to \(totals.totalCents).",
                hint: "Correct one of them, or leave `amount_cents` out; lines are taxed and rounded one by one.")
        }
        return totals
    }

    private func amountCents() throws(Rejection) -> Int64? {
        guard let value = object["amount_cents"] else { return nil }
        guard let amount = value.int64, amount >= 1 else {
            throw .notAWholeNumber("amount_cents", value, atLeast: 1, hint: "Give the amount in cents: 19.99 is 1999.")
        }
        return amount
    }
}

extension Totals {
    /// Adds up lines in checked arithmetic.
    init(of lines: [InvoiceLine]) throws(Rejection) {
        var subtotal: Int64 = 0
        var tax: Int64 = 0
        for (index, line) in lines.enumerated() {
            guard let amount = line.amountCents else { throw .overflow("lines[\(index)]", "The amount") }
            let lineTax = line.taxRate?.tax(onCents: amount) ?? 0
            guard let nextSubtotal = subtotal.adding(amount), let nextTax = tax.adding(lineTax) else {
                throw .overflow("lines[\(index)]", "The sum up to and including that")
            }
            (subtotal, tax) = (nextSubtotal, nextTax)
        }
        guard let total = subtotal.adding(tax) else { throw .overflow("lines", "The total") }
        guard total >= 1 else {
            throw .invalid(
                "lines", "comes to \(total) cents, and an invoice must come to at least 1",
                hint: "Correct the lines; a credit cannot exceed what is charged.")
        }
        self.init(subtotalCents: subtotal, taxCents: tax, totalCents: total)
    }
}

extension Int64 {
    fileprivate func adding(_ other: Int64) -> Int64? {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? nil : sum
    }
}

extension Rejection {
    /// For a field that must be a whole number: tells a wrong kind, a fraction and a wrong size apart.
    static func notAWholeNumber(_ field: String, _ value: JSONValue, atLeast minimum: Int64?, hint: String) -> Rejection
    {
        guard let number = value.number else {
            return .invalid(field, "must be a whole number, not \(value.kindName)", hint: hint)
        }
        guard let minimum else {
            return .invalid(field, "must be a whole number of at most 64 bits", hint: hint)
        }
        if number.int64 != nil { return .invalid(field, "must be at least \(minimum)", hint: hint) }
        return .invalid(field, "must be a whole number from \(minimum) to \(Int64.max)", hint: hint)
    }
}
