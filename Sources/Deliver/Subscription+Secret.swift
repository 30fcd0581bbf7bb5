import JSON
import Times

/// Where a subscription's keys come from, and the paths it may name.
///
/// `secret` and `secret_file` are a text, an object `{"secret": …}` or `{"secret_file": …}` with `not_before` and `not_after`, or a
/// list of those.
extension Subscription {
    static func path(_ field: String, in object: JSONObject) throws(FieldProblem) -> String? {
        guard let value = object[field] else { return nil }
        return try path(field, value)
    }

    static func signing(
        _ object: JSONObject, _ readingSecretFile: (String) throws -> [UInt8]
    ) throws(FieldProblem) -> Signing {
        if object["secret"] != nil, object["secret_file"] != nil {
            throw FieldProblem(
                "secret_file", "stands beside `secret`",
                "keep one of the two, or write a list: \"secret\": [\"whsec_…\", {\"secret_file\": \"…\"}]")
        }
        for field in ["secret", "secret_file"] {
            guard let value = object[field] else { continue }
            return Signing(try entries(field, value, readingSecretFile))
        }
        return .none
    }

    private static func entries(
        _ field: String, _ value: JSONValue, _ readingSecretFile: (String) throws -> [UInt8]
    ) throws(FieldProblem) -> [Signing.Entry] {
        guard let list = value.array else { return [try entry(field, field, value, readingSecretFile)] }
        guard !list.isEmpty, list.count <= Signing.maximumEntries else {
            throw FieldProblem(
                field, list.isEmpty ? "is an empty list" : "has more than \(Signing.maximumEntries) keys",
                list.isEmpty ? "write a secret, or remove the field to send unsigned" : "remove those that have ended")
        }
        var entries: [Signing.Entry] = []
        for (index, item) in list.enumerated() {
            entries.append(try entry("\(field)[\(index)]", field, item, readingSecretFile))
        }
        return entries
    }

    /// - Parameter kind: what a bare text is, `secret` or `secret_file`.
    private static func entry(
        _ place: String, _ kind: String, _ value: JSONValue, _ readingSecretFile: (String) throws -> [UInt8]
    ) throws(FieldProblem) -> Signing.Entry {
        guard let object = value.object else {
            return Signing.Entry(try key(place, kind, value, readingSecretFile))
        }
        let known = ["secret", "secret_file", "not_before", "not_after"]
        for member in object.members where !known.contains(member.name) {
            throw .unknown("\(place).\(ASCII.quotable(member.name))", name: member.name, known: known)
        }
        let notBefore = try moment("\(place).not_before", object["not_before"])
        let notAfter = try moment("\(place).not_after", object["not_after"])
        if let notBefore, let notAfter, notAfter < notBefore {
            throw FieldProblem("\(place).not_after", "is before `not_before`", "correct one of the two")
        }
        switch (object["secret"], object["secret_file"]) {
        case (let secret?, nil):
            let key = try key("\(place).secret", "secret", secret, readingSecretFile)
            return Signing.Entry(key, notBefore: notBefore, notAfter: notAfter)
        case (nil, let file?):
            let key = try key("\(place).secret_file", "secret_file", file, readingSecretFile)
            return Signing.Entry(key, notBefore: notBefore, notAfter: notAfter)
        default:
            throw FieldProblem(place, "needs one of `secret` and `secret_file`", "give one of them")
        }
    }

    private static func key(
        _ place: String, _ kind: String, _ value: JSONValue, _ readingSecretFile: (String) throws -> [UInt8]
    ) throws(FieldProblem) -> Signing.Key {
        guard kind == "secret_file" else { return try key(place, "", try value.text(place, like: "whsec_…")) }
        let path = try path(place, value)
        let content: [UInt8]
        do {
            content = try readingSecretFile(path)
        } catch {
            throw FieldProblem(
                place, "names a file that can't be read (\(error))", "create it, or let Billhook's user read it")
        }
        let end = content.lastIndex { !" \t\r\n".utf8.contains($0) }.map { $0 + 1 } ?? 0
        return try key(place, "names a file whose secret ", String(decoding: content[..<end], as: UTF8.self))
    }

    private static func key(
        _ place: String, _ subject: String, _ text: String
    ) throws(FieldProblem) -> Signing.Key {
        do throws(SigningSecretError) {
            return try Signing.Key(text)
        } catch {
            throw FieldProblem(place, subject + error.problem, error.fix)
        }
    }

    private static func path(_ place: String, _ value: JSONValue) throws(FieldProblem) -> String {
        let path = try value.text(place, like: "/etc/billhook/shop")
        guard !path.isEmpty, path.utf8.count < 4096, !path.utf8.contains(0) else {
            throw FieldProblem(place, "is not a usable path", "write the path of a file, or remove the field")
        }
        return path
    }

    private static func moment(_ place: String, _ value: JSONValue?) throws(FieldProblem) -> Timestamp? {
        guard let value else { return nil }
        let like = "write it like \"2026-12-01T00:00:00Z\""
        guard let text = value.string else { throw FieldProblem(place, "is \(value.kindName), not a moment", like) }
        guard let moment = Timestamp(iso8601: text) else { throw FieldProblem(place, "is not a moment", like) }
        return moment
    }
}
