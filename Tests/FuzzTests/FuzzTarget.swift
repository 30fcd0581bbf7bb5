/// One reader of bytes that others write, and what must hold whatever they are. No reader may trap, on any input.
struct FuzzTarget: Sendable {
    let name: String
    let examples: [String]
    let tokens: [String]
    /// What does not hold for an input; `nil` if all is well.
    let objection: @Sendable ([UInt8]) -> String?

    static let all = [json, request, subscription, attempts, dropName, timestamp, span]

    static let syntax = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "\\ude00", "null", "true", "1e400", "-0", "1e-9",
        "0.10",
        "9223372036854775807", "-9223372036854775808", "1E+2", "00", ".", " ", "\"a\":", "\"amount_cents\":1,",
    ]
}
