import JSON
import Times

/// The two forms of a subscription's `retry`: a list of waits, or an object that computes them.
extension RetrySchedule {
    static let exponentialFields = ["max_attempts", "base", "factor", "cap", "jitter"]

    /// Reads `["5s", "5m"]` or `{"max_attempts": 10, "base": "5s", "factor": 2, "cap": "1h", "jitter": 0.1}`, whose
    /// numbers are also what stands in for a field left out.
    static func read(_ value: JSONValue) throws(FieldProblem) -> RetrySchedule {
        if let list = value.array { return try readList(list) }
        guard let object = value.object else {
            throw FieldProblem(
                "retry", "is \(value.kindName), not a list of waits or an object",
                "write [\"5s\", \"5m\"] or {\"max_attempts\": 10, \"base\": \"5s\", \"factor\": 2, \"cap\": \"1h\"}")
        }
        return try readExponential(object)
    }

    private static func readList(_ list: [JSONValue]) throws(FieldProblem) -> RetrySchedule {
        guard list.count <= maximumWaits else {
            throw FieldProblem("retry", "has more than \(maximumWaits) waits", "shorten it")
        }
        var waits: [Duration] = []
        for (index, item) in list.enumerated() {
            waits.append(try item.duration("retry[\(index)]", in: .zero...maximumWait))
        }
        return RetrySchedule(waits: waits)
    }

    private static func readExponential(_ object: JSONObject) throws(FieldProblem) -> RetrySchedule {
        for member in object.members where !exponentialFields.contains(member.name) {
            throw .unknown("retry." + ASCII.quotable(member.name), name: member.name, known: exponentialFields)
        }
        let attempts = try object["max_attempts"]?.integer("retry.max_attempts", in: 1...maximumWaits + 1) ?? 10
        let base = try object["base"]?.duration("retry.base", in: .zero...maximumWait) ?? .seconds(5)
        let factor = try object["factor"]?.number("retry.factor", in: 1...maximumFactor) ?? 2
        let givenCap = try object["cap"]?.duration("retry.cap", in: .zero...maximumWait)
        let cap = givenCap ?? max(base, .seconds(3600))
        let jitter = try object["jitter"]?.number("retry.jitter", in: 0...1) ?? standardJitter
        guard cap >= base else {
            throw FieldProblem("retry.cap", "is shorter than `retry.base`", "make it at least as long")
        }
        return exponential(maxAttempts: attempts, base: base, factor: factor, cap: cap, jitterFraction: jitter)
    }
}
