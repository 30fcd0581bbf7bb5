import Foundation

/// The members of a JSON object, read by Foundation, which shares no code with what wrote it.
struct Members {
    let all: [String: Any]

    init(_ bytes: [UInt8]) throws {
        guard let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw HarnessError("Not a JSON object: \(String(decoding: bytes, as: UTF8.self))")
        }
        all = object
    }

    private init(_ all: [String: Any]) {
        self.all = all
    }

    func text(_ name: String) throws -> String {
        guard let text = all[name] as? String else { throw HarnessError("No text `\(name)` in \(all).") }
        return text
    }

    func number(_ name: String) throws -> Int {
        guard let number = all[name] as? Int else { throw HarnessError("No number `\(name)` in \(all).") }
        return number
    }

    func object(_ name: String) throws -> Members {
        guard let object = all[name] as? [String: Any] else { throw HarnessError("No object `\(name)` in \(all).") }
        return Members(object)
    }

    func moment(_ name: String) throws -> Date {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return try format.parse(try text(name))
    }

    /// What a mark marks; `nil` for an attempt.
    var mark: String? { all["mark"] as? String }
    var outcome: String? { all["outcome"] as? String }
    var subscription: String? { all["subscription"] as? String }
}
