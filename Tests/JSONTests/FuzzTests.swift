import JSON
import TestSupport
import Testing

@Suite("Random documents")
struct FuzzTests {
    @Test("a random value is written, read and written again the same", arguments: 1...4 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let text = Self.value(depth: 4, &random)
            let value = try read(text)
            let canonical = value.canonical()
            let again = try JSONReader.read(canonical)
            #expect(again.canonical() == canonical)
            #expect(value.isSame(as: again))
        }
    }

    @Test("a cut in a random document is incomplete", arguments: 1...4 as ClosedRange<UInt64>)
    func cuts(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let bytes = Array("[\(Self.value(depth: 4, &random))]".utf8)
            let length = Int.random(in: 0..<bytes.count, using: &random)
            #expect(refusal(of: Array(bytes[..<length]))?.isIncomplete == true)
        }
    }

    @Test("random damage is refused or read, and never traps", arguments: 1...4 as ClosedRange<UInt64>)
    func damage(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var refused = 0
        for _ in 0..<1000 {
            var bytes = Array(Self.value(depth: 3, &random).utf8)
            for _ in 0...Int.random(in: 0...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            if let error = refusal(of: bytes) {
                refused += 1
                #expect((0...bytes.count).contains(error.offset))
            } else {
                let value = try JSONReader.read(bytes)
                #expect(try JSONReader.read(value.canonical()).isSame(as: value))
            }
        }
        #expect(refused > 100)
    }

    private static func value(depth: Int, _ random: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
        case 0: return ["true", "false", "null"].randomElement(using: &random) ?? "null"
        case 1: return String(Int64.random(in: .min ... .max, using: &random))
        case 2: return number(&random)
        case 3, 4: return string(&random)
        case 5:
            let elements = (0..<Int.random(in: 0...5, using: &random)).map { _ in value(depth: depth - 1, &random) }
            return "[\(elements.joined(separator: " , "))]"
        default:
            let members = (0..<Int.random(in: 0...20, using: &random)).map {
                "\"\($0)\\n\(string(&random).dropFirst()) :\(value(depth: depth - 1, &random))"
            }
            return "{ \(members.joined(separator: ","))}"
        }
    }

    private static func number(_ random: inout SeededGenerator) -> String {
        let digits = String(UInt32.random(in: 0 ... .max, using: &random))
        let fraction = Bool.random(using: &random) ? ".\(UInt16.random(in: 0 ... .max, using: &random))" : ""
        let exponent = Bool.random(using: &random) ? "e\(Int.random(in: -290...290, using: &random))" : ""
        return (Bool.random(using: &random) ? "-" : "") + digits + fraction + exponent
    }

    private static func string(_ random: inout SeededGenerator) -> String {
        let pieces = ["a", " ", "é", "€", "😀", "\\n", "\\\"", "\\\\", "\\u0007", "\\uD83D\\uDE00", "\\/", "\u{7F}"]
        let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        return "\"\(text.joined())\""
    }
}
