import Deliver
import TestSupport
import Testing
import Times

@Suite struct ResponseHeadTests {
    @Test("an ordinary answer is kept as it is, an empty one is none")
    func ordinary() {
        #expect(ResponseHead.text(Array("{\"ok\": true}\n".utf8)) == "{\"ok\": true}\n")
        #expect(ResponseHead.text([]) == nil)
    }

    @Test("a long answer is cut at 512 bytes, between characters", arguments: ["a", "ü", "€", "🧾"])
    func cut(character: String) throws {
        for offset in 0..<4 {
            let text = String(repeating: "x", count: offset) + String(repeating: character, count: 600)
            let kept = try #require(ResponseHead.text(Array(text.utf8)))
            #expect(kept.utf8.count <= 512)
            #expect(kept.utf8.count > 508)
            #expect(text.hasPrefix(kept))
        }
    }

    @Test("any bytes become valid UTF-8 within the bound", arguments: 0..<30)
    func anything(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let bytes = (0..<Int.random(in: 1...700, using: &generator)).map { _ in
            UInt8.random(in: .min ... .max, using: &generator)
        }
        let text = try #require(ResponseHead.text(bytes))
        #expect(text.utf8.count <= 512)
        #expect(!text.unicodeScalars.contains { (0x7F...0x9F).contains($0.value) })
    }

    @Test("what would steer a terminal does not survive into the line")
    func terminal() throws {
        let record = AttemptRecord(
            deliveryID: "dlv_1", subscription: Subscription(name: "shop", url: "https://a.example"),
            event: "invoice.processed", attempt: 1, startedAt: noon, duration: .milliseconds(3),
            result: .answer(status: 500, retryAfter: nil, head: Array("\u{1B}[2J\u{9B}31m\u{7F}\r\n\u{0}".utf8)),
            nextAttemptAt: nil)
        let line = AttemptLine.attempt(record).encoded()
        #expect(line.filter { $0 < 0x20 } == [0x0A])
        #expect(String(decoding: line, as: UTF8.self).unicodeScalars.allSatisfy { !(0x7F...0x9F).contains($0.value) })
        #expect(record.response == "\u{1B}[2J\u{FFFD}31m\u{FFFD}\r\n\u{0}")
    }

    @Test("an echo of the user's headers is hidden, whole or by the word, also where the head ends inside it")
    func echo() {
        let headers = [
            HeaderField(name: "Authorization", value: "Bearer t0psecret-t0psecret"),
            HeaderField(name: "X-Tenant", value: "7"),
        ]
        func kept(_ text: String) -> String? { ResponseHead.text(Array(text.utf8), hiding: headers) }
        #expect(kept("you sent Bearer t0psecret-t0psecret, thanks 7") == "you sent [hidden], thanks 7")
        #expect(kept(#"{"token":"t0psecret-t0psecret"}"#) == #"{"token":"[hidden]"}"#)
        #expect(kept("token=t0psecret-t0ps") == "token=[hidden]")
        #expect(kept("nothing to hide: t0p") == "nothing to hide: t0p")
    }

    @Test("an echo of the URL's query is hidden, whole or by the value, as written and as a receiver reads it")
    func echoOfQuery() {
        let url = "https://a.example/hook?token=t0p%2Fsecret+x&v=1&v2=second-one#end-of-it"
        func kept(_ text: String) -> String? { ResponseHead.text(Array(text.utf8), ofURL: url) }
        #expect(kept("Cannot POST /hook?token=t0p%2Fsecret+x&v=1&v2=second-one.") == "Cannot POST /hook?[hidden].")
        #expect(kept(#"{"token":"t0p/secret x","v":"1"}"#) == #"{"token":"[hidden]","v":"1"}"#)
        #expect(kept("t0p%2Fsecret+x, t0p/secret, second-one") == "[hidden], [hidden], [hidden]")
        #expect(kept("/hook end-of-it") == "/hook end-of-it")
        let broken = "https://a.example/?a=%zz-%4&&=&long=%E4%B8%ADword"
        #expect(ResponseHead.text(Array("%zz-%4 \u{4e2d}word".utf8), ofURL: broken) == "[hidden] [hidden]")
    }
}
