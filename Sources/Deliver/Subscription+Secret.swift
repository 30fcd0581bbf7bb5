import JSON

/// Where a subscription's secret comes from, and the paths it may name.
extension Subscription {
    static func path(_ field: String, in object: JSONObject) throws(FieldProblem) -> String? {
        guard let path = try object[field]?.text(field, like: "/etc/billhook/\(field)") else { return nil }
        guard !path.isEmpty, path.utf8.count < 4096, !path.utf8.contains(0) else {
            throw FieldProblem(field, "is not a usable path", "write the path of a file, or remove the field")
        }
        return path
    }

    static func secret(
        _ object: JSONObject, _ readingSecretFile: (String) throws -> [UInt8]
    ) throws(FieldProblem) -> SigningSecret? {
        for field in ["secret", "secret_file"] where object[field]?.array != nil {
            throw FieldProblem(
                field, "is a list; several secrets are not supported yet", "write a single one in quotes")
        }
        guard let path = try path("secret_file", in: object) else {
            guard let text = try object["secret"]?.text("secret", like: "whsec_…") else { return nil }
            return try secret("secret", text)
        }
        guard object["secret"] == nil else {
            throw FieldProblem("secret_file", "stands beside `secret`", "keep one of the two")
        }
        let content: [UInt8]
        do {
            content = try readingSecretFile(path)
        } catch {
            throw FieldProblem(
                "secret_file", "names a file that can't be read (\(error))", "create it, or let Billhook's user read it"
            )
        }
        let end = content.lastIndex { !" \t\r\n".utf8.contains($0) }.map { $0 + 1 } ?? 0
        return try secret("secret_file", String(decoding: content[..<end], as: UTF8.self))
    }

    private static func secret(_ field: String, _ text: String) throws(FieldProblem) -> SigningSecret {
        do throws(SigningSecretError) {
            return try SigningSecret(text)
        } catch {
            let subject = field == "secret_file" ? "names a file whose secret " : ""
            throw FieldProblem(field, subject + error.problem, error.fix)
        }
    }
}
