import Foundation
import TestSupport
import Testing

@Suite("The batch job", .serialized)
struct DrainTests {
    private func summary(_ output: String) throws -> Members { try Members(Array(output.utf8)) }

    @Test("works off what is there, says so, and ends with 0")
    func works() throws {
        let receiver = try Receiver()
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url)
        for number in 0..<50 { try spool.submit("k\(number)") }
        let (status, output) = try Daemon.run(spool, ["--drain"])
        #expect(status == 0)
        #expect(output.hasPrefix("done 50, dead 0, waiting 0, incomplete 0"))
        #expect(spool.requests("done").count == 50)
        #expect(receiver.calls.count == 50)
    }

    @Test("on an empty spool ends at once with 0")
    func empty() throws {
        let (status, output) = try Daemon.run(try TestSpool(), ["--drain", "--json"])
        #expect(status == 0)
        #expect(try summary(output).number("done") == 0)
    }

    @Test("ends with 74 if its summary can't be written", arguments: [[], ["--json"]])
    func fullOutput(format: [String]) throws {
        let spool = try TestSpool()
        let job = try Spawn(
            Daemon.binary, ["run", "--drain", "--spool", spool.path] + format, output: "/dev/full",
            errors: spool.scratch.path("daemon.log"))
        #expect(try job.wait() == 74)
        #expect(Daemon.log(of: spool).contains("Standard output can't be written"))
    }

    @Test("ends with 65 if a request died", arguments: [#"{"customer_id":"c"}"#, "]"])
    func died(request: String) throws {
        let spool = try TestSpool()
        try spool.submit("good")
        try spool.submit("bad", request)
        let (status, output) = try Daemon.run(spool, ["--drain", "--json"])
        #expect(status == 65)
        #expect(try summary(output).number("done") == 1)
        #expect(try summary(output).number("dead") == 1)
    }

    @Test("leaves what waits for a retry to the next run, which goes on with it")
    func leavesRetries() throws {
        let receiver = try Receiver { $0.attempt == 1 ? .status(422) : .status(200) }
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url, retry: ["1h"])
        try spool.submit("k")
        let first = try Daemon.run(spool, ["--drain", "--json"])
        #expect(first.status == 0)
        #expect(try summary(first.output).number("waiting") == 1)
        #expect(spool.states(of: "k") == ["processing"])
        #expect(receiver.calls.count == 1)
        try spool.makeDue("k")
        let second = try Daemon.run(spool, ["--drain", "--json"])
        #expect(second.status == 0)
        #expect(try summary(second.output).number("done") == 1)
        #expect(receiver.calls.map(\.attempt) == [1, 2])
    }

    @Test("waits for retries if asked to")
    func waitsForRetries() throws {
        let receiver = try Receiver { ($0.attempt ?? 0) < 3 ? .status(422) : .status(200) }
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url, retry: ["50ms", "50ms"])
        for number in 0..<5 { try spool.submit("k\(number)") }
        let (status, output) = try Daemon.run(spool, ["--drain", "--wait-retries", "--json"])
        #expect(status == 0)
        #expect(try summary(output).number("done") == 5)
        #expect(receiver.calls.count == 15)
    }

    @Test("ends though a subscription is paused, broken, or a file is cut off")
    func cantMove() throws {
        let receiver = try Receiver()
        let spool = try TestSpool()
        try spool.subscribe("paused", receiver.url)
        try spool.write("", to: "subscriptions/paused.paused")
        try spool.subscribe("broken", receiver.url, with: ["no_such_field": 1])
        try spool.submit("k")
        try spool.submit("cut", "{")
        let (status, output) = try Daemon.run(spool, ["--drain", "--wait-retries", "--json"])
        #expect(status == 0)
        #expect(try summary(output).number("waiting") == 1)
        #expect(try summary(output).number("incomplete") == 1)
        #expect(receiver.calls.isEmpty)
    }

    @Test("asked to stop, ends and leaves the rest for the next run")
    func stopped() throws {
        let receiver = try Receiver { _ in .stall }
        let spool = try TestSpool()
        try spool.subscribe("s", receiver.url)
        for number in 0..<20 { try spool.submit("k\(number)") }
        let process = try Daemon.spawn(spool, ["--drain", "--shutdown-timeout", "50ms"])
        try receiver.waitForCalls(count: 1)
        process.signal(SIGTERM)
        _ = try process.wait()
        receiver.release()
        let (status, _) = try Daemon.run(spool, ["--drain"])
        #expect(status == 0)
        #expect(spool.requests("done").count == 20)
    }
}
