internal import JSON
public import Times

/// What a `.error` sidecar says: why a request is in dead/, for the person who finds it there.
public struct ErrorReport: Sendable, Equatable {
    /// The stage of an invoice's way at which it ended.
    public enum Stage: String, Sendable {
        case claim, process, deliver
    }

    /// One of a bounded list, for programs: `malformed_json`, `conflict`, `delivery_failed`…
    public let code: String
    /// A whole sentence: what failed and why.
    public let message: String
    public let stage: Stage
    /// A whole sentence: what to do about it.
    public let hint: String
    public let at: Timestamp
    /// The escaped name under which a refused file, or one whose key is not in its name, was dropped.
    public let fileName: String?
    /// The last lines that the processor wrote to standard error; they are a stranger's words, and go to no log.
    public let standardError: [String]

    /// The code of a drop, or an edited request, whose key is taken by other content.
    public static let conflictCode = "conflict"

    public init(
        code: String, message: String, stage: Stage, hint: String, at: Timestamp, fileName: String? = nil,
        standardError: [String] = []
    ) {
        self.code = code
        self.message = message
        self.stage = stage
        self.hint = hint
        self.at = at
        self.fileName = fileName
        self.standardError = standardError
    }

    /// One JSON object and a newline.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("code", code)
        writer.member("message", message)
        writer.member("stage", stage.rawValue)
        writer.member("at", at)
        writer.member("hint", hint)
        if let fileName { writer.member("file_name", fileName) }
        if !standardError.isEmpty {
            writer.name("stderr")
            writer.beginArray()
            for line in standardError { writer.string(line) }
            writer.endArray()
        }
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// Reads a sidecar back; `nil` for what was torn by a crash or is not one.
    public init?(_ bytes: [UInt8]) {
        guard let object = (try? JSONReader.read(bytes))?.object, let code = object["code"]?.string,
            let message = object["message"]?.string, let stage = object["stage"]?.string.flatMap(Stage.init),
            let hint = object["hint"]?.string, let at = object["at"]?.string.flatMap({ Timestamp(iso8601: $0) })
        else { return nil }
        self.init(
            code: code, message: message, stage: stage, hint: hint, at: at, fileName: object["file_name"]?.string,
            standardError: object["stderr"]?.array?.compactMap(\.string) ?? [])
    }
}
