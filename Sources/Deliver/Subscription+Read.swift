import JSON
import Times

/// Reading a subscription file: every field is checked, and nothing in it is ignored, because a setting that is quietly
/// passed over (a misspelt `timeout`, a `rate` that is not built yet) is found out in production.
extension Subscription {
    /// The longest file that is read, in bytes.
    public static let maximumBytes = 65_536

    static let knownFields = [
        "url", "events", "match", "secret", "secret_file", "headers", "timeout", "retry", "concurrency", "rate",
        "ordering", "ca_file", "client_cert", "client_key", "proxy", "allow",
    ]

    /// Reads the file of subscription `name`.
    ///
    /// - Parameters:
    ///   - name: the file's name without `.json`.
    ///   - bytes: the file's content, one JSON object.
    ///   - readingSecretFile: answers the content of a file that `secret_file` names; it gets the path as written and
    ///     is called once for each, only if everything else is in order. White space at the end of the content is
    ///     dropped.
    /// - Throws: ``SubscriptionError`` with the first thing that is wrong, in the file's order for unknown fields.
    public static func read(
        name: String, bytes: [UInt8], readingSecretFile: (String) throws -> [UInt8]
    ) throws(SubscriptionError) -> Subscription {
        do throws(FieldProblem) {
            try checkName(name)
            let object = try object(bytes)
            try checkFields(object)
            let url = try url(object)
            let events = try events(object)
            let headers = try headers(object)
            let timeout = try object["timeout"]?.duration("timeout", in: .milliseconds(1) ... .seconds(3600))
            let retry = try object["retry"].map(RetrySchedule.read)
            let concurrency = try object["concurrency"]?.integer("concurrency", in: 1...1024)
            let rate = try rate(object)
            let ordering = try ordering(object)
            let caFile = try path("ca_file", in: object)
            let route = try Route.read(object, url: url)
            let match = try object["match"].map(Match.read)
            // Last, since it reads files: only if everything else is in order.
            let signing = try signing(object, readingSecretFile)
            return Subscription(
                name: name, url: url, events: events, signing: signing, match: match, headers: headers,
                timeout: timeout ?? standardTimeout, retry: retry ?? .standard,
                concurrency: concurrency ?? standardConcurrency, rate: rate, ordering: ordering, caFile: caFile,
                route: route)
        } catch {
            throw error.error(in: name)
        }
    }

    /// The rules for a subscription's name: 1 to 100 bytes of `[A-Za-z0-9._@+=-]`, the first a letter or digit. It stands
    /// in attempt lines, status and logs.
    public static func isValid(name: String) -> Bool {
        guard let first = name.utf8.first, ASCII.isAlphanumeric(first), name.utf8.count <= 100 else { return false }
        return name.utf8.allSatisfy { ASCII.isAlphanumeric($0) || "._@+=-".utf8.contains($0) }
    }

    private static func checkName(_ name: String) throws(FieldProblem) {
        guard isValid(name: name) else {
            throw FieldProblem(
                nil, "the file's name is not a usable subscription name",
                "rename it to at most 100 letters, digits and ._@+=- before .json, beginning with a letter or digit")
        }
    }

    private static func object(_ bytes: [UInt8]) throws(FieldProblem) -> JSONObject {
        guard bytes.count <= maximumBytes else {
            throw FieldProblem(nil, "the content is larger than \(maximumBytes) bytes", "shorten it")
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONReader.read(bytes)
        } catch {
            let sentence = "\(error)"
            let reason = sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
            throw FieldProblem(nil, "the content is not valid JSON (\(reason))", "correct it and save the file again")
        }
        guard let object = value.object else {
            throw FieldProblem(
                nil, "the content is \(value.kindName), not an object",
                "write {\"url\": \"https://shop.example/webhooks\"}")
        }
        return object
    }

    private static func checkFields(_ object: JSONObject) throws(FieldProblem) {
        for member in object.members where !knownFields.contains(member.name) {
            throw .unknown(ASCII.quotable(member.name), name: member.name, known: knownFields)
        }
    }

    private static func url(_ object: JSONObject) throws(FieldProblem) -> String {
        let example = "https://shop.example/webhooks"
        guard let value = object["url"] else {
            throw FieldProblem("url", "is missing", "add \"url\": \"\(example)\"")
        }
        let url = try value.text("url", like: example)
        if let (problem, fix) = WebhookURL.problem(url) { throw FieldProblem("url", problem, fix) }
        return url
    }

    private static func events(_ object: JSONObject) throws(FieldProblem) -> [EventPattern] {
        guard let value = object["events"] else { return [.standard] }
        guard let list = value.array else {
            throw FieldProblem("events", "is \(value.kindName), not a list", "write [\"invoice.*\"]")
        }
        guard !list.isEmpty, list.count <= 100 else {
            throw FieldProblem(
                "events", list.isEmpty ? "is empty, so nothing would be sent" : "has more than 100 names",
                "write [\"invoice.*\"], or remove it for the same")
        }
        var patterns: [EventPattern] = []
        for (index, item) in list.enumerated() {
            let field = "events[\(index)]"
            guard let pattern = EventPattern(try item.text(field, like: "invoice.processed")) else {
                throw FieldProblem(
                    field, "is not an event name or wildcard", "write one like invoice.processed, invoice.* or *")
            }
            guard !pattern.isUnknownName else {
                throw FieldProblem(field, "is wrong: there is no event \(pattern)", pattern.correction)
            }
            patterns.append(pattern)
        }
        return patterns
    }

    private static func rate(_ object: JSONObject) throws(FieldProblem) -> Rate? {
        guard let value = object["rate"] else { return nil }
        guard let rate = Rate(text: try value.text("rate", like: "50/s")) else {
            throw FieldProblem(
                "rate", "is not a number per second, minute or hour", "write one like \"50/s\", \"600/m\" or \"1000/h\""
            )
        }
        return rate
    }

    private static func ordering(_ object: JSONObject) throws(FieldProblem) -> Ordering {
        guard let value = object["ordering"] else { return .none }
        guard let ordering = Ordering(rawValue: try value.text("ordering", like: "customer")) else {
            throw FieldProblem("ordering", "is neither \"none\" nor \"customer\"", "write \"customer\", or remove it")
        }
        return ordering
    }

    private static func headers(_ object: JSONObject) throws(FieldProblem) -> [HeaderField] {
        guard let value = object["headers"] else { return [] }
        guard let members = value.object?.members else {
            throw FieldProblem(
                "headers", "is \(value.kindName), not an object", "write {\"Authorization\": \"Bearer …\"}")
        }
        guard members.count <= 50 else { throw FieldProblem("headers", "has more than 50 members", "remove some") }
        var seen: Set<String> = []
        var fields: [HeaderField] = []
        for member in members {
            let field = "headers.\(ASCII.quotable(member.name))"
            let text = try member.value.text(field, like: "text")
            if let (problem, fix) = HeaderField.problem(name: member.name, value: text) {
                throw FieldProblem(field, problem, fix)
            }
            guard seen.insert(member.name.lowercased()).inserted else {
                throw FieldProblem(field, "appears twice, in capital and small letters", "keep one of the two")
            }
            fields.append(HeaderField(name: member.name, value: text))
        }
        return fields
    }
}
