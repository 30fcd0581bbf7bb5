import Foundation
import TestSupport

/// The lines of a `.attempts` file, read by Foundation, which shares no code with what wrote them.
struct AttemptsFile {
    struct Line: Decodable {
        enum CodingKeys: String, CodingKey {
            case mark, kind, outcome, attempt
            case deliveryID = "delivery_id"
        }

        let mark: String?
        let kind: String?
        let deliveryID: String?
        let outcome: String?
        let attempt: Int?
    }

    /// Without those that a crash tore, and each attempt once: what the disk refused to flush is written again.
    let lines: [Line]

    init(_ bytes: [UInt8]) {
        var seen: Set<String> = []
        lines = bytes.split(separator: UInt8(ascii: "\n")).compactMap {
            try? JSONDecoder().decode(Line.self, from: Data($0))
        }.filter { line in
            guard let id = line.deliveryID, let attempt = line.attempt else { return true }
            return seen.insert("\(id) \(attempt)").inserted
        }
    }

    /// How many attempts each delivery has.
    var attempts: [String: Int] {
        lines.filter { $0.mark == nil }.reduce(into: [:]) { $0[$1.deliveryID ?? "", default: 0] += 1 }
    }

    /// Deliveries that were attempted after a success in the same round.
    var repeatedSuccesses: [String] {
        var delivered: Set<String> = []
        var repeated: [String] = []
        for line in lines {
            if line.mark == "round", line.kind == "replay" { delivered.removeAll() }
            guard line.mark == nil, let id = line.deliveryID else { continue }
            if delivered.contains(id) { repeated.append(id) }
            if line.outcome == "delivered" { delivered.insert(id) }
        }
        return repeated
    }
}
