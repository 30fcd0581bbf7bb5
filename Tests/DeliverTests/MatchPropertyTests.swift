import Deliver
import JSON
import TestSupport
import Testing

/// What holds of every filter and every event.
@Suite("Any filter")
struct MatchPropertyTests {
    private static let names = ["a", "b", "c"]
    private static let literals = ["null", "true", "false", "0", "1", "1.0", "2.5", "\"\"", "\"a\"", "\"ab\"", "\"1\""]

    private struct Maker {
        var random: SeededGenerator

        mutating func pick(_ list: [String]) -> String { list.randomElement(using: &random) ?? "" }

        mutating func list(_ depth: Int, _ make: (inout Maker, Int) -> String, least: Int = 0) -> String {
            let count = Int.random(in: least...3, using: &random)
            return "[" + (0..<count).map { _ in make(&self, depth) }.joined(separator: ",") + "]"
        }

        mutating func value(_ depth: Int) -> String {
            switch Int.random(in: 0..<(depth > 0 ? 6 : 3), using: &random) {
            case 0...2: return pick(MatchPropertyTests.literals)
            case 3: return list(depth - 1, { $0.value($1) })
            default:
                let names = MatchPropertyTests.names.filter { _ in Bool.random(using: &random) }
                return "{" + names.map { #""\#($0)":\#(value(depth - 1))"# }.joined(separator: ",") + "}"
            }
        }

        mutating func condition(_ depth: Int) -> String {
            guard depth > 0 else { return pick(MatchPropertyTests.literals) }
            switch Int.random(in: 0..<5, using: &random) {
            case 0: return pick(MatchPropertyTests.literals)
            case 1: return list(depth - 1, { $0.condition($1) }, least: 1)
            case 2: return #"{"\#(pick(MatchPropertyTests.names))":\#(condition(depth - 1))}"#
            case 3: return "{\(operation(depth - 1))}"
            default: return #"{"\#(pick(MatchPropertyTests.names))":\#(condition(depth - 1)),\#(operation(depth - 1))}"#
            }
        }

        mutating func operation(_ depth: Int) -> String {
            switch Int.random(in: 0..<8, using: &random) {
            case 0: return #""\#(pick(["$eq", "$neq"]))":\#(value(depth))"#
            case 1: return #""\#(pick(["$gt", "$gte", "$lt", "$lte"]))":\#(pick(["0", "1", "2.5", "\"a\"", "\"ab\""]))"#
            case 2: return #""\#(pick(["$in", "$nin"]))":\#(list(depth, { $0.value($1) }, least: 1))"#
            case 3: return #""\#(pick(["$in", "$nin"]))":\#(pick(["\"a\"", "1", "\"\""]))"#
            case 4: return #""\#(pick(["$startsWith", "$endsWith"]))":\#(pick(["\"a\"", "[\"b\",\"a\"]"]))"#
            case 5: return #""$exist":\#(pick(["true", "false"]))"#
            case 6: return #""$not":\#(condition(depth))"#
            default: return #""\#(pick(["$or", "$and"]))":\#(list(depth, { $0.condition($1) }, least: 1))"#
            }
        }
    }

    private func judge(_ match: String, _ body: JSONValue) throws -> Bool {
        let match = try MatchTests.read(match)
        let hears = match.matches(body)
        #expect((match.failure(of: body) == nil) == hears)
        let again = try MatchTests.read(String(decoding: match.json, as: UTF8.self))
        #expect(again == match && again.matches(body) == hears, "written and read again, it is the same")
        return hears
    }

    @Test("is negated by $not, joined by $and and $or as logic has it, and is the same when written and read")
    func logic() throws {
        var maker = Maker(random: SeededGenerator(seed: 20_261_121))
        var heard = 0
        for _ in 0..<4000 {
            let (a, b) = (maker.condition(3), maker.condition(3))
            // Now and then it is missing.
            let name = maker.pick(["a", "a", "a", "b"])
            let text = #"{"data":{"\#(name)":\#(maker.value(3))}}"#
            let body = try JSONReader.read(Array(text.utf8))
            func of(_ condition: String) -> String { #"{"data":{"a":\#(condition)}}"# }
            let (holdsA, holdsB) = (try judge(of(a), body), try judge(of(b), body))
            #expect(try judge(#"{"$not":\#(of(a))}"#, body) == !holdsA, "\(a) on \(text)")
            #expect(try judge(of(#"{"$not":\#(a)}"#), body) == !holdsA, "\(a) on \(text)")
            #expect(try judge(of(#"{"$and":[\#(a),\#(b)]}"#), body) == (holdsA && holdsB), "\(a) \(b) on \(text)")
            #expect(try judge(of(#"{"$or":[\#(a),\#(b)]}"#), body) == (holdsA || holdsB), "\(a) \(b) on \(text)")
            let neither = #"{"$and":[{"$not":\#(a)},{"$not":\#(b)}]}"#
            #expect(try judge(of(neither), body) == !(holdsA || holdsB), "\(a) \(b) on \(text)")
            heard += holdsA ? 1 : 0
        }
        #expect(heard > 400 && heard < 3600, "both answers come up: \(heard)")
    }

    @Test("meets what is equal, and only that, under $eq and $neq")
    func equality() throws {
        var maker = Maker(random: SeededGenerator(seed: 7))
        for _ in 0..<2000 {
            let (a, b) = (maker.value(3), maker.value(3))
            let body = try JSONReader.read(Array(#"{"data":{"a":\#(a)}}"#.utf8))
            let isSame = try JSONReader.read(Array(a.utf8)).isSame(as: JSONReader.read(Array(b.utf8)))
            #expect(try judge(#"{"data":{"a":{"$eq":\#(a)}}}"#, body))
            #expect(try judge(#"{"data":{"a":{"$eq":\#(b)}}}"#, body) == isSame)
            #expect(try judge(#"{"data":{"a":{"$neq":\#(b)}}}"#, body) == !isSame)
        }
    }
}
