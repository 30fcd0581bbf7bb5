import Deliver
import Testing

/// Each bad value gives one sentence that names the file, the field and the fix, and quotes no value.
@Suite struct SubscriptionErrorTests {
    private func error(_ text: String, name: String = "shop", secretFile: [UInt8]? = nil) throws -> SubscriptionError {
        let error = try #require(throws: SubscriptionError.self) {
            try SubscriptionTests.read(text, name: name, secretFile: secretFile)
        }
        #expect(error.subscription == name)
        #expect(!error.problem.isEmpty && !error.fix.isEmpty)
        #expect(error.description.hasPrefix("In subscriptions/"))
        #expect(error.description.hasSuffix("."))
        #expect(error.description.utf8.allSatisfy { $0 >= 0x20 })
        return error
    }

    private func errorOf(_ member: String) throws -> SubscriptionError {
        try error(#"{"url":"https://shop.example/hooks",\#(member)}"#)
    }

    @Test("the sentence reads like one")
    func sentence() throws {
        #expect(
            try errorOf(#""timeout":15"#).description
                == "In subscriptions/shop.json, `timeout` is a number, not a duration; write a whole number and a unit in "
                + "quotes: \"200ms\", \"5s\", \"30m\", \"2h\" or \"1d\".")
        #expect(
            try errorOf(#""timeut":"15s""#).description
                == "In subscriptions/shop.json, `timeut` is not a known field; did you mean `timeout`? Otherwise remove it."
        )
    }

    @Test("a misspelt event is refused, with the one that was meant; a wildcard may be for a later version")
    func misspeltEvent() throws {
        let error = try errorOf(#""events":["invoice.*","invoice.procesed"]"#)
        #expect(error.field == "events[1]")
        #expect(
            error.description
                == "In subscriptions/shop.json, `events[1]` is wrong: there is no event invoice.procesed; did you mean "
                + "invoice.processed? Otherwise remove it.")
        #expect(try errorOf(#""events":["order"]"#).fix.hasPrefix("write one of invoice.processed, "))
        let later = try SubscriptionTests.read(#"{"url":"https://shop.example/hooks","events":["*","order.*"]}"#)
        #expect(later.events.count == 2)
    }

    @Test(
        "a misspelt field gets the nearest name",
        arguments: [
            ("ulr", "url"), ("event", "events"), ("Secret", "secret"), ("secretfile", "secret_file"),
            ("time_out", "timeout"), ("retries", "retry"), ("cafile", "ca_file"), ("concurency", "concurrency"),
        ])
    func misspelt(field: String, meant: String) throws {
        let error = try errorOf(#""\#(field)":1"#)
        #expect(error.field == field)
        #expect(error.fix.contains("`\(meant)`"))
    }

    @Test("a field that resembles none gets the list of fields, and can't steer a terminal")
    func unknown() throws {
        #expect(try errorOf(#""favourite_colour":1"#).fix.contains("url, events, match, secret"))
        let hostile = try errorOf(#""\u001b[2J\n":1"#)
        #expect(hostile.field == "\\u{1b}[2J\\u{a}")
    }

    @Test(
        "a bad key among several is refused by its place",
        arguments: [
            ("secret", "[]"), ("secret[1]", #"["\#(vectorSecret)","whsec_AAAA"]"#), ("secret[0]", "[7]"),
            ("secret[0]", "[[]]"), ("secret[0]", "[{}]"),
            ("secret[0]", #"[{"secret":"\#(vectorSecret)","secret_file":"x"}]"#),
            ("secret.secret", #"{"secret":"hunter2"}"#), ("secret[0].secret_file", #"[{"secret_file":7}]"#),
            ("secret.notbefore", #"{"secret":"\#(vectorSecret)","notbefore":"2026-01-01"}"#),
            ("secret.not_before", #"{"secret":"\#(vectorSecret)","not_before":"soon"}"#),
            ("secret.not_after", #"{"secret":"\#(vectorSecret)","not_after":1795262400}"#),
            ("secret.not_after", #"{"secret":"\#(vectorSecret)","not_before":"2026-02-01","not_after":"2026-01-31"}"#),
            ("secret_file[0]", #"["/nowhere"]"#), ("secret_file", "[]"),
            ("secret", "[" + Array(repeating: "\"\(vectorSecret)\"", count: 11).joined(separator: ",") + "]"),
        ])
    func severalSecrets(field: String, value: String) throws {
        let top = String(field.prefix { $0 != "." && $0 != "[" })
        let error = try errorOf(#""\#(top)":\#(value)"#)
        #expect(error.field == field)
        #expect(!error.description.contains("MfKQ9r8G"))
    }

    @Test(
        "a bad value is refused by name",
        arguments: [
            ("timeout", #""15""#), ("timeout", #""0s""#), ("timeout", #""2h""#), ("timeout", "null"),
            ("timeout", #""-1s""#),
            ("concurrency", "0"), ("concurrency", "1025"), ("concurrency", "1.5"), ("concurrency", #""8""#),
            ("concurrency", "1e300"), ("events", #""invoice.*""#), ("events", "[]"), ("events[1]", #"["*","Invoice"]"#),
            ("events[0]", "[7]"), ("headers", "[]"), ("headers", #""X: 1""#), ("headers.X", #"{"X":1}"#),
            ("retry", "5"), ("retry", #""5s""#), ("retry[1]", #"["5s",5]"#), ("retry[0]", #"["31d"]"#),
            ("retry[0]", #"["soon"]"#), ("retry.max_attempts", #"{"max_attempts":0}"#),
            ("retry.max_attempts", #"{"max_attempts":1002}"#), ("retry.base", #"{"base":5}"#),
            ("retry.factor", #"{"factor":0.5}"#), ("retry.factor", #"{"factor":"2"}"#),
            ("retry.cap", #"{"base":"5m","cap":"5s"}"#), ("retry.jitter", #"{"jitter":1.1}"#),
            ("retry.jitter", #"{"jitter":-0.1}"#), ("retry.max_atempts", #"{"max_atempts":3}"#), ("secret", "7"),
            ("secret", #""""#), ("secret", #""whsec_AAAA""#), ("secret_file", #""""#), ("secret_file", #""a\u0000b""#),
            ("secret_file", #""/nowhere""#), ("ca_file", "true"), ("ca_file", #""""#),
        ])
    func badValues(field: String, value: String) throws {
        let top = String(field.prefix { $0 != "." && $0 != "[" })
        #expect(try errorOf(#""\#(top)":\#(value)"#).field == field)
    }

    @Test("the list of waits and the list of events are bounded")
    func bounded() throws {
        let waits = Array(repeating: #""1s""#, count: 1001).joined(separator: ",")
        #expect(try errorOf(#""retry":[\#(waits)]"#).field == "retry")
        let events = Array(repeating: #""*""#, count: 101).joined(separator: ",")
        #expect(try errorOf(#""events":[\#(events)]"#).field == "events")
        let headers = (0...50).map { #""X-\#($0)":"a""# }.joined(separator: ",")
        #expect(try errorOf(#""headers":{\#(headers)}"#).field == "headers")
    }

    @Test(
        "a URL that two parsers could read in two ways is refused",
        arguments: [
            "", "shop.example", "ftp://shop.example", "file:///etc/passwd", "http:shop.example", "http://",
            "https:///path",
            "http://?x", "http://user@shop.example/", "http://a:b@shop.example", "http://shop.example@evil.example",
            "http://shop.example\\\\@evil.example", "http://shop .example", " http://shop.example",
            "http://shop.example/ä",
            "http://shop.example/\\r\\nX: y", "http://shop.example/\\u0000", "http://shop.example:0", "http://a:65536",
            "http://a:", "http://a:80x", "http://a:+80", "http://:80", "http://[::1", "http://[]", "http://[::1]x",
            "http://[v1.x]", "http://[::1::]", "http://[1:2]", "http://[127.0.0.1]", "http://[fe80::1%25eth0]/",
            "http://2130706433/", "http://0x7f000001/", "http://0X7F.1/", "http://127.1/", "http://0177.0.0.1/",
            "http://127.0.0.1./", "http://127.0.0.256/", "http://1.2.3.4.5/", "http://shop.example.0x/",
            "http://017700000001:80/x",
            "http://a..b", "http://.a", "http://a%2eb/", "http://ä.example", "javascript:alert(1)",
        ])
    func urls(url: String) throws {
        #expect(try error(#"{"url":"\#(url)"}"#).field == "url")
    }

    @Test("a URL is bounded, must be there and must be text")
    func urlForm() throws {
        let long = "https://a.example/" + String(repeating: "a", count: 2048)
        #expect(try error(#"{"url":"\#(long)"}"#).problem.contains("2048"))
        #expect(try error("{}").field == "url")
        #expect(try error(#"{"url":7}"#).field == "url")
    }

    @Test("a URL may carry a token, so no message quotes it")
    func urlNotQuoted() throws {
        for url in ["https://t0psecret@shop.example", "https://shop.example:t0psecret", "t0psecret"] {
            #expect(try !error(#"{"url":"\#(url)"}"#).description.contains("t0psecret"))
        }
    }

    @Test(
        "a header that would break out of its line, or take the place of one of ours, is refused",
        arguments: [
            (#"X-A"#, #"a\r\nX-Evil: 1"#), ("X-A", #"a\nb"#), ("X-A", #"a\u0000"#), ("X-A", #"a\tb"#),
            ("X-A", #"\u007f"#),
            ("X-A", "ü"), ("X-A", ""), ("X-A", " a"), ("X-A", "a "), ("X A", "a"), ("X:A", "a"), ("", "a"),
            (#"X-A\r\nEvil"#, "a"), ("Ü", "a"), ("content-type", "text/plain"), ("Content-Length", "0"),
            ("HOST", "evil"),
            ("User-Agent", "x"), ("x-event-type", "x"), ("X-Delivery-ID", "x"), ("X-Attempt", "1"),
            ("X-Signature", "x"),
            ("webhook-id", "x"), ("Webhook-Anything", "x"), ("Transfer-Encoding", "chunked"), ("Connection", "close"),
            ("Expect", "100-continue"), ("Upgrade", "h2c"), ("Proxy-Authorization", "Basic x"),
            ("content-encoding", "gzip"),
        ])
    func headers(name: String, value: String) throws {
        let error = try errorOf(#""headers":{"\#(name)":"\#(value)"}"#)
        #expect(error.field?.hasPrefix("headers.") == true)
    }

    @Test("a header's value never shows in an error, and its name counts once whatever its capitals")
    func headerDetails() throws {
        #expect(try !errorOf(#""headers":{"X-A":"t0psecret\n"}"#).description.contains("t0psecret"))
        #expect(try errorOf(#""headers":{"X-A":"1","x-a":"2"}"#).field == "headers.x-a")
        let long = String(repeating: "a", count: 4097)
        #expect(try errorOf(#""headers":{"X-A":"\#(long)"}"#).problem.contains("4096"))
    }

    @Test("a secret never shows in an error")
    func secretNotQuoted() throws {
        for secret in ["t0psecret", "whsec_t0psecret", "whsk_t0psecret"] {
            #expect(try !errorOf(#""secret":"\#(secret)""#).description.contains("t0psecret"))
            let file = try error(
                #"{"url":"https://a.example","secret_file":"x"}"#, secretFile: Array(secret.utf8))
            #expect(file.field == "secret_file")
            #expect(!file.description.contains("t0psecret"))
        }
    }

    @Test("a secret file that can't be read says why; an empty or binary one is no secret")
    func secretFiles() throws {
        let text = #"{"url":"https://a.example","secret_file":"x"}"#
        #expect(try error(text).problem.contains("No such file or directory"))
        #expect(try error(text, secretFile: []).problem.contains("is empty"))
        #expect(try error(text, secretFile: [0x0A, 0x0A]).problem.contains("is empty"))
        #expect(try error(text, secretFile: [0xFF, 0x00, 0xFE]).field == "secret_file")
        let both = try error(#"{"url":"https://a.example","secret":"\#(vectorSecret)","secret_file":"x"}"#)
        #expect(both.problem.contains("beside"))
    }

    @Test(
        "what is no JSON object is refused as a whole",
        arguments: ["", "{", "[]", "7", "\u{FEFF}{}", #"{"url":"a","url":"b"}"#, "{\"t0psecret"])
    func documents(text: String) throws {
        let error = try error(text)
        #expect(error.field == nil)
        #expect(!error.description.contains("t0psecret"))
        #expect(!error.description.contains(".)"))
    }

    @Test("a file that is too large is refused before it is parsed")
    func large() throws {
        #expect(try error(String(repeating: " ", count: 65_537)).problem.contains("65536"))
    }

    @Test(
        "a name that a log could not carry is refused, and shown escaped",
        arguments: ["", ".hidden", "a b", "a/b", "ä", "a\nb", String(repeating: "a", count: 101)])
    func names(name: String) throws {
        let error = try error(#"{"url":"https://a.example"}"#, name: name)
        #expect(error.field == nil)
        #expect(error.fix.contains("rename"))
    }
}
