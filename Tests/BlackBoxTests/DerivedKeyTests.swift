import Foundation
import TestSupport
import Testing

@Suite("A spool that takes keys from the content", .serialized)
struct DerivedKeyTests {
    private static let contentKey = HostileDrop.sha256(Array(#"{"amount_cents":100,"customer_id":"c-1"}"#.utf8))
    private static let spaced = "{ \"amount_cents\" : 1e2 ,\n \"customer_id\" : \"c-1\" }\n"

    private static func order(_ order: String, _ amount: Int = 100) -> String {
        #"{"order":"\#(order)","customer_id":"c-1","amount_cents":\#(amount)}"#
    }

    private func expectRest(_ spool: TestSpool, _ place: SourceLocation = #_sourceLocation) {
        for state in ["incoming", "processing", ".billhook/aside"] {
            #expect(spool.names(state).isEmpty, "\(spool.listing())", sourceLocation: place)
        }
    }

    // MARK: Names

    @Test(
        "takes a file of any name, and its invoice tells the name and where the key is from",
        arguments: [
            "Rechnung 2026 (ä).json", "+x.json", "k.conflict-00112233.json", "inv-7.json", "line\nbreak.json",
            String(repeating: "long ", count: 50) + ".json",
        ], [When.running, .stopped])
    func anyName(name: String, when: When) throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.initialise(keyFrom: "content", hears: receiver) }
        try stage.act(when) {
            try stage.spool.write(TestSpool.request, to: "tmp/x")
            try stage.spool.move("tmp/x", to: "incoming/\(name)")
        }
        let key = Self.contentKey
        try stage.spool.wait(for: "done/\(key).json")
        let invoice = try stage.spool.object("done/\(key).json.invoice")
        #expect(try invoice.text("key") == key)
        #expect(try invoice.text("key_from") == "content")
        #expect(try invoice.text("file_name") == name.replacing("\n", with: "\\x0a"))
        #expect(try receiver.calls.map { try $0.members().object("data").text("file_name") }.count == 1)
        #expect(try stage.spool.text("done/\(key).json") == TestSpool.request)
        expectRest(stage.spool)
    }

    @Test(
        "takes it however it is brought",
        arguments: [
            "printf '%s' \"$R\" > tmp/k && mv tmp/k 'incoming/a b.json'",
            "printf '%s' \"$R\" > tmp/k && ln tmp/k 'incoming/a b.json' && rm tmp/k",
            "printf '%s' \"$R\" > tmp/k && cp tmp/k 'incoming/a b.json'",
            "printf '%s' \"$R\" > 'incoming/.a b.json' && mv 'incoming/.a b.json' 'incoming/a b.json'",
            "printf '%s' \"$R\" > 'incoming/a b.json.part' && mv 'incoming/a b.json.part' 'incoming/a b.json'",
        ], [When.running, .stopped])
    func ways(command: String, when: When) throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.initialise(keyFrom: "content", hears: receiver) }
        try stage.act(when) { try stage.spool.shell("R='\(TestSpool.request)'; \(command)") }
        try stage.spool.wait(for: "done/\(Self.contentKey).json")
        #expect(receiver.calls.count == 1)
        expectRest(stage.spool)
    }

    @Test("waits for a writer that pauses in the middle", arguments: [When.running, .killed])
    func slowWriter(when: When) throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.initialise(keyFrom: "content", hears: receiver) }
        let file = try Writer(stage.spool.path("incoming/slow one.json"))
        try file.write(String(TestSpool.request.prefix(20)))
        try stage.act(when) { try stage.spool.submit("later", Self.order("later")) }
        try eventually("the later one is done", orElse: stage.spool.listing()) { receiver.calls.count == 1 }
        #expect(stage.spool.contains("incoming/slow one.json"))
        try file.write(String(TestSpool.request.dropFirst(20)))
        file.close()
        try stage.spool.wait(for: "done/\(Self.contentKey).json")
    }

    @Test("leaves unfinished names alone, and refuses what is no JSON file")
    func otherNames() throws {
        let stage = try Stage { try $0.initialise(keyFrom: "content") }
        for name in [".x.json", "x.json.part", "x.json~"] { try stage.spool.write("{", to: "incoming/\(name)") }
        try stage.spool.write("x", to: "incoming/x.txt")
        try stage.spool.shell(
            "mkdir incoming/folder.json; mkfifo incoming/pipe.json; ln -s /etc/passwd incoming/l.json")
        for name in ["x.txt", "folder.json", "pipe.json", "l.json"] {
            try stage.spool.wait(for: "dead/" + HostileDrop.refusedName(Array(name.utf8)))
        }
        #expect(stage.spool.names("incoming") == [".x.json", "x.json.part", "x.json~"])
    }

    // MARK: Duplicates and conflicts

    @Test("knows a request again under another name and in other words", arguments: [When.running, .stopped])
    func duplicate(when: When) throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.initialise(keyFrom: "content", hears: receiver) }
        try stage.spool.write(TestSpool.request, to: "incoming/one.json")
        try stage.spool.wait(for: "done/\(Self.contentKey).json")
        try stage.act(when) {
            try stage.spool.write(Self.spaced, to: "incoming/two.json")
            try stage.spool.write(TestSpool.request, to: "incoming/one.json")
        }
        // Their names tell their producers which they were; nothing else is left of them.
        for name in ["one", "two"] { try stage.daemon.waitForLog("done/, dropped as \(name).json, removed") }
        #expect(receiver.calls.count == 1)
        #expect(stage.spool.names("dead").isEmpty)
        expectRest(stage.spool)
    }

    @Test("sets apart what says otherwise under the same field")
    func conflict() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.initialise(keyFrom: "field:order", hears: receiver) }
        try stage.spool.write(Self.order("o-1"), to: "incoming/one.json")
        try stage.spool.wait(for: "done/o-1.json")
        try stage.spool.write(Self.order("o-1", 5), to: "incoming/two.json")
        try stage.daemon.waitForLog("o-1: conflict")
        let apart = try #require(stage.spool.requests("dead").first)
        #expect(apart.hasPrefix("o-1.conflict-"))
        #expect(try stage.spool.text("dead/\(apart)") == Self.order("o-1", 5))
        #expect(try stage.spool.object("dead/\(apart).error").text("file_name") == "two.json")
        #expect(receiver.calls.map(\.key) == ["o-1"])
        expectRest(stage.spool)
    }

    // MARK: Without a key

    @Test(
        "buries what has no key, and says why",
        arguments: [
            ("{]", "malformed_json"), (#"["order"]"#, "not_an_object"), ("{}", "missing_field"),
            (#"{"order":"a b"}"#, "invalid_field"),
        ], [When.running, .stopped])
    func keyless(drop: (content: String, code: String), when: When) throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.initialise(keyFrom: "field:order", hears: receiver) }
        let refused = HostileDrop.refusedName(Array("Rechnung (ä).json".utf8))
        try stage.act(when) {
            for name in ["plain.json", "Rechnung (ä).json"] {
                try stage.spool.write(drop.content, to: "tmp/x")
                try stage.spool.move("tmp/x", to: "incoming/\(name)")
            }
        }
        for (place, name) in [("plain.json", "plain.json"), (refused, "Rechnung (\\xc3\\xa4).json")] {
            try stage.spool.wait(for: "dead/\(place)")
            let error = try stage.spool.object("dead/\(place).error")
            #expect(try error.text("code") == drop.code)
            #expect(try error.text("file_name") == name)
        }
        expectRest(stage.spool)

        // Mended where it lies and moved back, it is an invoice like every other.
        try stage.act(when) {
            try stage.spool.write(Self.order("o-1"), to: "dead/plain.json")
            try stage.spool.move("dead/plain.json", to: "incoming/plain.json")
            try stage.spool.write(Self.order("o-2"), to: "dead/\(refused)")
            try stage.spool.move("dead/\(refused)", to: "incoming/Rechnung (ä).json")
        }
        try stage.spool.wait(for: "done/o-1.json")
        try stage.spool.wait(for: "done/o-2.json")
        #expect(!stage.spool.contains("dead/plain.json.error"))
        #expect(Set(receiver.calls.map(\.key)) == ["o-1", "o-2"])
    }

    @Test("buries a cut-off file when its wait is over")
    func cutOff() throws {
        let stage = try Stage(["--incomplete-after", "200ms"]) { try $0.initialise(keyFrom: "content") }
        try stage.spool.write(#"{"customer_id":"#, to: "incoming/cut.json")
        try stage.spool.wait(for: "dead/cut.json")
        #expect(try stage.spool.object("dead/cut.json.error").text("code") == "incomplete")
        expectRest(stage.spool)
    }

    // MARK: Moves

    @Test("retries what is moved back from dead/", arguments: ["content", "field:order"], When.allCases)
    func retry(keyFrom: String, when: When) throws {
        let mood = Mood(.status(500))
        let receiver = try mood.receiver()
        let stage = try Stage { try $0.initialise(keyFrom: keyFrom, hears: receiver) }
        try stage.spool.write(Self.order("o-1"), to: "incoming/a b.json")
        try eventually("it is dead", orElse: stage.spool.listing()) { !stage.spool.requests("dead").isEmpty }
        let name = try #require(stage.spool.requests("dead").first)
        let id = try stage.spool.object("dead/\(name).invoice").text("id")
        try stage.act(when) {
            mood.answer = .status(200)
            try stage.spool.move("dead/\(name)", to: "incoming/\(name)")
        }
        try stage.spool.wait(for: "done/\(name)")
        #expect(try stage.spool.object("done/\(name).invoice").text("id") == id)
        #expect(try stage.spool.object("done/\(name).invoice").text("file_name") == "a b.json")
        #expect(Set(receiver.calls.map(\.deliveryID)).count == 1)
        #expect(receiver.calls.map(\.attempt) == [1, 2])
        #expect(stage.spool.names("dead").isEmpty)
        expectRest(stage.spool)
    }

    @Test("replays what is moved back from done/", arguments: ["content", "field:order"], When.allCases)
    func replay(keyFrom: String, when: When) throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.initialise(keyFrom: keyFrom, hears: receiver) }
        try stage.spool.write(Self.order("o-1"), to: "incoming/a b.json")
        try eventually("it is done", orElse: stage.spool.listing()) { !stage.spool.requests("done").isEmpty }
        let name = try #require(stage.spool.requests("done").first)
        try stage.act(when) { try stage.spool.move("done/\(name)", to: "incoming/\(name)") }
        try receiver.waitForCalls(count: 2)
        try stage.spool.wait(for: "done/\(name)")
        #expect(Set(receiver.calls.map(\.deliveryID)).count == 1)
        #expect(Set(receiver.calls.map(\.invoiceID)).count == 1)
    }

    @Test("goes on with what is released from hold/", arguments: ["content", "field:order"], When.allCases)
    func release(keyFrom: String, when: When) throws {
        let mood = Mood(.status(500))
        let receiver = try mood.receiver()
        let stage = try Stage { try $0.initialise(keyFrom: keyFrom, hears: receiver, retry: ["1h"]) }
        try stage.spool.write(Self.order("o-1"), to: "incoming/a b.json")
        try receiver.waitForCalls(count: 1)
        let name = try #require(stage.spool.requests("processing").first)
        try stage.spool.waitForAttempts(String(name.dropLast(5)), count: 1)
        try stage.spool.move("processing/\(name)", to: "hold/\(name)")
        try stage.act(when) {
            mood.answer = .status(200)
            try stage.spool.move("hold/\(name)", to: "incoming/\(name)")
        }
        try stage.spool.push(String(name.dropLast(5)))
        #expect(receiver.calls.map(\.attempt) == [1, 2])
        #expect(Set(receiver.calls.map(\.invoiceID)).count == 1)
    }

    @Test(
        "bills nothing for a processed request that was edited and moved back",
        arguments: ["content", "field:order"], When.allCases)
    func edited(keyFrom: String, when: When) throws {
        let mood = Mood(.status(500))
        let receiver = try mood.receiver()
        let stage = try Stage { try $0.initialise(keyFrom: keyFrom, hears: receiver) }
        try stage.spool.write(Self.order("o-1"), to: "incoming/a b.json")
        try eventually("it is dead", orElse: stage.spool.listing()) { !stage.spool.requests("dead").isEmpty }
        let name = try #require(stage.spool.requests("dead").first)
        try stage.act(when) {
            mood.answer = .status(200)
            try stage.spool.move("dead/\(name)", to: "tmp/x")
            try stage.spool.write(Self.order("o-1", 999), to: "tmp/x")
            try stage.spool.move("tmp/x", to: "incoming/\(name)")
        }
        try stage.daemon.waitForLog(": conflict")
        #expect(try stage.spool.object("dead/\(name).error").text("code") == "conflict")
        #expect(try stage.spool.text("dead/\(name)") == Self.order("o-1", 999))
        #expect(stage.spool.contains("dead/\(name).invoice"))
        #expect(receiver.calls.count == 1)
        expectRest(stage.spool)
    }

    // MARK: Commands

    @Test("is submitted to by key of the content, which the command reports")
    func submit() throws {
        let receiver = try Receiver()
        let stage = try Stage { try $0.initialise(keyFrom: "content", hears: receiver) }
        let spool = stage.spool
        try spool.write(TestSpool.request, to: "tmp/Meine Rechnung.json")
        let first = try spool.billhook(["submit", spool.path("tmp/Meine Rechnung.json"), "--wait", "--json"])
        #expect(first.status == 0)
        let result = try Members(Array(first.output.utf8))
        #expect(try result.text("key") == Self.contentKey)
        #expect(try result.text("outcome") == "processed")
        #expect(try result.object("invoice").text("key_from") == "content")
        let again = try spool.billhook(["submit", "--customer", "c-1", "--amount-cents", "100", "--json"])
        #expect(try Members(Array(again.output.utf8)).text("outcome") == "duplicate")
        let refused = try spool.billhook(["submit", "--customer", "c-1", "--amount-cents", "100", "--key", "k"])
        #expect(refused.status == 64)
        #expect(refused.errors.contains("takes the key of a request from its content (content)"))
        #expect(receiver.calls.count == 1)
        #expect(spool.names("incoming").isEmpty)
    }

    @Test("is not made of a spool that takes them from elsewhere, and run keeps what it finds")
    func made() throws {
        let spool = try TestSpool()
        try spool.initialise(keyFrom: "field:order")
        for other in ["name", "content", "field:other"] {
            let result = try spool.billhook(["init", "--key-from", other])
            #expect(result.status == 73)
            #expect(result.errors.contains("takes its keys from 'field:order', not from '\(other)'"))
        }
        #expect(try spool.billhook(["init"]).status == 0)
        #expect(try spool.billhook(["init", "--key-from", "size"]).status == 64)
        try spool.write(Self.order("o-1"), to: "incoming/a b.json")
        #expect(try Daemon.run(spool, ["--drain"]).status == 0)
        #expect(spool.contains("done/o-1.json"))
    }
}

extension TestSpool {
    /// `billhook init --key-from`, and perhaps somebody who hears of the invoices.
    func initialise(keyFrom: String, hears receiver: Receiver? = nil, retry: [String] = []) throws {
        let result = try billhook(["init", "--key-from", keyFrom])
        guard result.status == 0 else { throw HarnessError("init: \(result.errors)") }
        if let receiver {
            try subscribe("s", receiver.url, retry: retry, with: ["events": ["invoice.processed"]])
        }
    }

    /// Runs a command on this spool.
    func billhook(_ arguments: [String]) throws -> (status: Int32, output: String, errors: String) {
        let (output, errors) = (scratch.path("command.out"), scratch.path("command.err"))
        unlink(output)
        unlink(errors)
        let rest = arguments.dropFirst()
        let status = try Spawn(
            Daemon.binary, [arguments[0], "--spool", path] + rest, output: output, errors: errors
        ).wait()
        return (status, scratch.text("command.out"), scratch.text("command.err"))
    }
}
