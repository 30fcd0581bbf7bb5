public import Foundation

/// The members of a JSON object, read by Foundation, which shares no code with what wrote it.
public struct Members {
    public let all: [String: Any]

    public init(_ bytes: [UInt8]) throws {
        guard let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw HarnessError("Not a JSON object: \(String(decoding: bytes, as: UTF8.self))")
        }
        all = object
    }

    private init(_ all: [String: Any]) {
        self.all = all
    }

    public func text(_ name: String) throws -> String {
        guard let text = all[name] as? String else { throw HarnessError("No text `\(name)` in \(all).") }
        return text
    }

    public func number(_ name: String) throws -> Int {
        guard let number = all[name] as? Int else { throw HarnessError("No number `\(name)` in \(all).") }
        return number
    }

    public func object(_ name: String) throws -> Members {
        guard let object = all[name] as? [String: Any] else { throw HarnessError("No object `\(name)` in \(all).") }
        return Members(object)
    }

    public func moment(_ name: String) throws -> Date {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return try format.parse(try text(name))
    }

    /// What a mark marks; `nil` for an attempt.
    public var mark: String? { all["mark"] as? String }
    public var outcome: String? { all["outcome"] as? String }
    public var subscription: String? { all["subscription"] as? String }
}
