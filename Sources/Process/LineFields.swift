internal import JSON

/// The rules of each field of a line.
struct LineFields {
    private let value: JSONValue
    private let index: Int

    init(_ value: JSONValue, index: Int) {
        self.value = value
        self.index = index
    }

    private var name: String { "lines[\(index)]" }

    func line() throws(Rejection) -> InvoiceLine {
        guard let object = value.object else {
            throw .invalid(
                name, "must be an object, not \(value.kindName)",
                hint: "Give `description`, `quantity` and `unit_amount_cents`.")
        }
        return InvoiceLine(
            description: try description(object), quantity: try quantity(object),
            unitAmountCents: try unitAmountCents(object), taxRate: try taxRate(object))
    }

    private func description(_ object: JSONObject) throws(Rejection) -> String {
        let hint = "Say in a string what the line is for."
        guard let value = object["description"] else { throw .missing("\(name).description", hint: hint) }
        guard let text = value.string else {
            throw .invalid("\(name).description", "must be a string, not \(value.kindName)", hint: hint)
        }
        return text
    }

    private func quantity(_ object: JSONObject) throws(Rejection) -> Int64 {
        let hint = "Give a whole number of at least 1; put a discount into `unit_amount_cents`."
        guard let value = object["quantity"] else { throw .missing("\(name).quantity", hint: hint) }
        guard let quantity = value.int64, quantity >= 1 else {
            throw .notAWholeNumber("\(name).quantity", value, atLeast: 1, hint: hint)
        }
        return quantity
    }

    private func unitAmountCents(_ object: JSONObject) throws(Rejection) -> Int64 {
        let hint = "Give the price of one in whole cents: 19.99 is 1999; a discount is negative."
        guard let value = object["unit_amount_cents"] else {
            throw .missing("\(name).unit_amount_cents", hint: hint)
        }
        guard let amount = value.int64 else {
            throw .notAWholeNumber("\(name).unit_amount_cents", value, atLeast: nil, hint: hint)
        }
        return amount
    }

    private func taxRate(_ object: JSONObject) throws(Rejection) -> TaxRate? {
        guard let value = object["tax_rate"] else { return nil }
        let hint = "Give percent as a number, such as 19 or 8.875, or leave the field out."
        guard let number = value.number else {
            throw .invalid("\(name).tax_rate", "must be a number, not \(value.kindName)", hint: hint)
        }
        guard let rate = TaxRate(percent: number) else {
            throw .invalid("\(name).tax_rate", "must be from 0 to 100 with at most four decimals", hint: hint)
        }
        return rate
    }
}
