import Files
import Hashing
import Process
import Spool
import TestSupport
import Testing

@testable import Operate

@Suite("JSON Lines")
struct LineTests {
    private func submit(_ text: String, to fixture: SpoolFixture, chunk: Int) throws -> (
        [LineSubmitter.Result], LineSubmitter.Tally
    ) {
        var results: [LineSubmitter.Result] = []
        var lines = LineSubmitter(fixture.spool, maximumBytes: 200)
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            try lines.take(Array(bytes[start..<min(start + chunk, bytes.count)])) { results.append($0) }
        }
        try lines.finish { results.append($0) }
        return (results, lines.tally)
    }

    private static let text = """
        {"idempotency_key":"a","customer_id":"acme","amount_cents":1}

        {"idempotency_key":"a","customer_id":"acme","amount_cents":1}
        {"idempotency_key":"a","customer_id":"acme","amount_cents":2}\r
        {"idempotency_key":"../b","customer_id":"acme","amount_cents":1}
        {"customer_id":"acme"
        {"customer_id":"\(String(repeating: "x", count: 300))","amount_cents":1}
        {"idempotency_key":7,"customer_id":"acme","amount_cents":1}
        {"idempotency_key":"last","customer_id":"acme","amount_cents":1}
        """

    @Test(
        "good lines are submitted, bad ones reported by number, however the stream is cut",
        arguments: [1, 7, 64, 100_000])
    func mixed(chunk: Int) throws {
        let fixture = try SpoolFixture()
        let (results, tally) = try submit(LineTests.text, to: fixture, chunk: chunk)
        #expect(tally == LineSubmitter.Tally(submitted: 2, duplicates: 1, conflicts: 1, invalid: 4))
        #expect(results.map(\.number) == [1, 3, 4, 5, 6, 7, 8, 9])
        #expect(try fixture.names(fixture.spool.incoming) == ["a.json", "last.json"])
        let codes = results.compactMap { result -> String? in
            if case .invalid(let rejection) = result.outcome { rejection.code } else { nil }
        }
        #expect(codes == ["invalid_field", "incomplete", "too_large", "invalid_field"])
    }

    @Test("a line without a key is known by its canonical content, so that spelling and order do not matter")
    func contentKey() throws {
        let fixture = try SpoolFixture()
        let text = """
            {"customer_id":"acme","amount_cents":1}
            { "amount_cents": 1.0, "customer_id": "acme" }
            """
        let (results, tally) = try submit(text, to: fixture, chunk: 4096)
        #expect(tally == LineSubmitter.Tally(submitted: 1, duplicates: 1))
        let canonical = Array(#"{"amount_cents":1,"customer_id":"acme"}"#.utf8)
        let key = ContentHash.hex(ContentHash.sha256(canonical))
        #expect(results.compactMap { $0.submission?.key.name } == [key, key])
        #expect(try fixture.stands("incoming/\(key).json"))
    }

    @Test("the file that is dropped is the line, byte for byte, without its line end")
    func bytes() throws {
        let fixture = try SpoolFixture()
        let line = #"{"idempotency_key":"k", "customer_id":"acme","amount_cents":1, "other":1.50}"#
        _ = try submit(line + "\r\n", to: fixture, chunk: 4096)
        #expect(try fixture.scratch.read("spool/incoming/k.json") == Array(line.utf8))
    }

    @Test("an endless line costs no more memory than a line may have")
    func endlessLine() {
        var splitter = LineSplitter(maximumBytes: 10)
        for _ in 0..<1000 { #expect(splitter.take(Array(repeating: UInt8(ascii: "x"), count: 100)) == []) }
        #expect(
            splitter.take(Array("\nab\n".utf8)) == [
                LineSplitter.Line(number: 1, bytes: nil), LineSplitter.Line(number: 2, bytes: Array("ab".utf8)),
            ])
        #expect(splitter.finish() == nil)
    }
}
