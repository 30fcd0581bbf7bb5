import Foundation
import TestSupport
import Testing

@Suite("The processor", .serialized)
struct ProcessorTests {
    /// Goes on until a file named after the key stands in its directory.
    private static let untilGo = #"while [ ! -e "$here/go" ]; do sleep 0.01; done"#

    private func go(_ spool: TestSpool) throws { try spool.scratch.write("", to: "go") }

    // MARK: Success

    @Test("gets the invoice, and what it writes is its result, on disk and in the webhook")
    func result() throws {
        let receiver = try Receiver()
        let stage = try Stage(
            processor: #"printf '{"number": "R-%s",\n "id": "%s", "seen": %s}' "$INVOICE_KEY" "$INVOICE_ID" "$invoice""#
        ) { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k", #"{"customer_id":"c","amount_cents":7,"metadata":{"a":[1.50]}}"#)
        try stage.spool.wait(for: "done/k.json")
        let invoice = try stage.spool.object("done/k.json.invoice")
        let result = try invoice.object("result")
        #expect(try result.text("number") == "R-k")
        #expect(try result.text("id") == invoice.text("id"))
        let seen = try result.object("seen")
        #expect(try seen.text("id") == invoice.text("id") && seen.number("total_cents") == 7)
        #expect(seen.all["result"] == nil)
        #expect(try stage.spool.text("done/k.json.invoice").filter { $0 == "\n" }.count == 1)
        #expect(try receiver.calls[0].members().object("data").object("result").text("number") == "R-k")
    }

    @Test("that writes nothing leaves an invoice without a result")
    func noResult() throws {
        let stage = try Stage(processor: "exit 0")
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        #expect(try stage.spool.object("done/k.json.invoice").all["result"] == nil)
    }

    @Test("gets its arguments and the daemon's environment, and may be named in PATH")
    func arguments() throws {
        let stage = try Stage(
            processor: #"printf '{"arguments":"%s,%s","path":"%s"}' "$1" "$2" "$PATH""#,
            ["--processor-argument=-x", "--processor-argument", "a b"])
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        let result = try stage.spool.object("done/k.json.invoice").object("result")
        #expect(try result.text("arguments") == "-x,a b")
        #expect(try result.text("path") == ProcessInfo.processInfo.environment["PATH"])
        let named = try TestSpool()
        try named.submit("k")
        #expect(try Daemon.run(named, ["--drain", "--processor", "true"]).status == 0)
        #expect(named.contains("done/k.json"))
    }

    @Test("is not run for a request that is not valid")
    func invalid() throws {
        let stage = try Stage(processor: "exit 0")
        try stage.spool.submit("bad", #"{"customer_id":"c"}"#)
        try stage.spool.wait(for: "dead/bad.json")
        #expect(stage.processor?.runs == [])
    }

    // MARK: Once

    @Test("is never run again once its result is recorded: not by a kill, a retry, a replay or a second drop")
    func once() throws {
        let mood = Mood(.status(500))
        let receiver = try mood.receiver()
        let stage = try Stage(processor: "echo '{\"n\":1}'") { try $0.subscribe("s", receiver.url, retry: ["1h"]) }
        try stage.spool.submit("k")
        try stage.spool.waitForAttempts("k", count: 1)
        for _ in 0..<3 { try stage.act(.killed) {} }
        try stage.act(.killed) { try stage.spool.makeDue("k") }
        try stage.spool.wait(for: "dead/k.json")
        mood.answer = .status(200)
        try stage.spool.shell("mv -n dead/k.json incoming/")
        try stage.spool.wait(for: "done/k.json")
        try stage.spool.shell("mv -n done/k.json incoming/")
        try receiver.waitForCalls(count: 4)
        try stage.spool.wait(for: "done/k.json")
        try stage.spool.submit("k")
        try stage.daemon.waitForLog("duplicate")
        #expect(stage.processor?.runs == ["k"])
        #expect(Set(receiver.calls.compactMap(\.invoiceID)).count == 1)
    }

    @Test("killed with its daemon, it ends too, and is run again with the same id")
    func killed() throws {
        let stage = try Stage(
            processor: #"""
                echo "$$ $INVOICE_ID" >> "$here/pids"
                \#(Self.untilGo)
                echo '{}'
                """#)
        try stage.spool.submit("k")
        let pids = { stage.spool.scratch.text("pids").split(separator: "\n").map { $0.split(separator: " ") } }
        try eventually("it runs") { pids().count == 1 }
        try stage.daemon.kill9()
        let first = try #require(pid_t(pids()[0][0]))
        try eventually("the program has gone with its daemon") { kill(first, 0) == -1 }
        #expect(!stage.spool.contains("processing/k.json.invoice"))
        try go(stage.spool)
        try stage.start()
        try stage.spool.wait(for: "done/k.json")
        #expect(pids().count == 2 && Set(pids().map { $0[1] }).count == 1)
        #expect(try stage.spool.invoiceID("k", in: "done") == String(pids()[0][1]))
    }

    @Test("killed with its daemon at any moment, every request is done once with one result")
    func killedAgain() throws {
        let spool = try TestSpool()
        let processor = try Processor(spool, #"echo "{\"pid\":$$}""#)
        for number in 0..<40 { try spool.submit("k\(number)") }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<8 {
            let daemon = try Daemon(spool, processor.arguments)
            // A moment of no meaning: there is nothing to wait for.
            usleep(UInt32.random(in: 0...60_000, using: &random))
            try daemon.kill9()
        }
        let daemon = try Daemon(spool, processor.arguments)
        try eventually("all are done", orElse: spool.listing()) { spool.requests("done").count == 40 }
        #expect(try daemon.terminate() == 0)
        #expect(processor.runs.count >= 40 && Set(processor.runs).count == 40)
        #expect(spool.names("processing").isEmpty && spool.names("dead").isEmpty)
    }

    // MARK: Later

    @Test("that asks for later is run later: the wait shows in ls, outlives a restart, and ends by touch")
    func later() throws {
        let stage = try Stage(processor: "echo busy >&2; exit 75")
        try stage.spool.submit("k")
        try stage.spool.wait(for: "processing/k.json.attempts")
        try stage.daemon.waitForLog("k: put off until")
        #expect(try stage.spool.modified("processing/k.json.attempts") > Date())
        #expect(try stage.spool.text("processing/k.json.attempts").isEmpty)
        try stage.act(.killed) { try stage.spool.submit("other") }
        try stage.processor?.waitForRuns(2)
        #expect(stage.processor?.runs == ["k", "other"], "a restart does not run it early")
        try stage.processor?.write("echo '{\"n\":2}'")
        try stage.spool.shell("touch processing/k.json.attempts")
        try stage.spool.wait(for: "done/k.json")
        #expect(stage.processor?.runs == ["k", "other", "k"])
        #expect(try stage.spool.object("done/k.json.invoice").object("result").number("n") == 2)
    }

    @Test("that asks for later makes `show` say so")
    func laterShown() throws {
        let stage = try Stage(processor: "exit 75")
        try stage.spool.submit("k")
        try stage.daemon.waitForLog("k: put off until")
        let output = stage.spool.scratch.path("show.out")
        let show = try Spawn(Daemon.binary, ["show", "--spool", stage.spool.path, "k"], output: output, errors: output)
        #expect(try show.wait() == 0)
        #expect(stage.spool.scratch.text("show.out").contains("The processor asked for it later: it is run again in"))
    }

    // MARK: Failure

    @Test("that fails leaves a reason with what it said, and a retry runs it again")
    func fails() throws {
        let stage = try Stage(processor: "printf 'no such\\033 customer\\n' >&2; exit 67")
        try stage.spool.submit("k")
        try stage.spool.wait(for: "dead/k.json")
        let error = try stage.spool.object("dead/k.json.error")
        #expect(try error.text("code") == "processor_refused" && error.text("stage") == "process")
        #expect(try error.text("message").contains("exited with 67 (EX_NOUSER)"))
        #expect(try error.text("hint").contains("customer_id"))
        #expect(error.all["stderr"] as? [String] == ["no such\u{FFFD} customer"])
        #expect(!stage.daemon.log.contains("no such"))
        #expect(!stage.spool.contains("dead/k.json.invoice"))
        try stage.processor?.write("exit 0")
        try stage.spool.shell("mv -n dead/k.json incoming/")
        try stage.spool.wait(for: "done/k.json")
        #expect(stage.processor?.runs == ["k", "k"] && !stage.spool.contains("dead/k.json.error"))
    }

    @Test(
        "that is too slow, too talkative, or writes something else is ended with a reason",
        arguments: [
            ("sleep 1000", "processor_timed_out"), ("yes", "processor_output_too_large"),
            ("echo done", "processor_bad_result"), ("kill -9 $$", "processor_killed"),
        ])
    func ended(body: String, code: String) throws {
        let stage = try Stage(processor: body, ["--processor-timeout", "2s"])
        try stage.spool.submit("k")
        try stage.spool.wait(for: "dead/k.json")
        #expect(try stage.spool.object("dead/k.json.error").text("code") == code)
    }

    @Test("that can't be started at all: the daemon does not start")
    func noStart() throws {
        let spool = try TestSpool()
        let status = try Daemon.spawn(spool, ["--processor", "./no-such-program"]).wait()
        #expect(status == 78)
        #expect(Daemon.log(of: spool).contains("'./no-such-program' was not found."))
    }

    @Test("that goes away while it is needed makes all wait, says so once, and comes back")
    func goesAway() throws {
        let stage = try Stage(processor: "exit 0", ["--processor-concurrency", "2"])
        let processor = try #require(stage.processor)
        #expect(rename(processor.path, processor.path + ".away") == 0)
        for number in 0..<10 { try stage.spool.submit("k\(number)") }
        try stage.daemon.waitForLog("was not found. Nothing is processed")
        let told = "It is hampered: nothing is processed until the processor can be started. The processor "
        try eventually("status says so") { try Tool.billhook(stage.spool, ["status"]).output.contains(told) }
        #expect(rename(processor.path + ".away", processor.path) == 0)
        try eventually("all are done", orElse: stage.spool.listing()) { stage.spool.requests("done").count == 10 }
        #expect(stage.daemon.log.components(separatedBy: "Nothing is processed").count == 2)
        #expect(stage.spool.names("dead").isEmpty)
        try stage.daemon.waitForLog("can be started again")
    }

    // MARK: How it runs

    @Test("runs as often at once as it may, and no more")
    func concurrency() throws {
        let stage = try Stage(
            processor: #"""
                mkdir "$here/run.$INVOICE_KEY"
                ls -d "$here"/run.* | wc -l >> "$here/counts"
                sleep 0.02
                rmdir "$here/run.$INVOICE_KEY"
                """#, ["--processor-concurrency", "3"])
        for number in 0..<30 { try stage.spool.submit("k\(number)") }
        try eventually("all are done", orElse: stage.spool.listing()) { stage.spool.requests("done").count == 30 }
        let counts = stage.spool.scratch.text("counts").split(separator: "\n").compactMap {
            Int($0.trimmingCharacters(in: .whitespaces))
        }
        #expect(counts.count == 30 && counts.max() ?? 0 <= 3 && counts.max() ?? 0 > 1)
    }

    @Test("has three descriptors, no signal blocked or ignored, and a process group of its own")
    func inherited() throws {
        let receiver = try Receiver()
        let stage = try Stage(
            processor: #"""
                fds=$(ls -x /proc/self/fd | tr -s ' ')
                signals=$(grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -s '\t\n' '  ')
                group=$(ps -o pgid= -p $$ | tr -d ' ')
                printf '{"fds":"%s","signals":"%s","own":"%s"}' "$fds" "$signals" $([ "$group" = $$ ] && echo yes)
                """#
        ) { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        try stage.spool.wait(for: "done/k.json")
        let result = try stage.spool.object("done/k.json.invoice").object("result")
        // The fourth is the directory that ls reads.
        #expect(try result.text("fds").trimmingCharacters(in: .whitespaces) == "0 1 2 3")
        // 32 and 33 are glibc's own, which its posix_spawn(3) ignores; no program can use them.
        let signals = try result.text("signals").replacing("0000000180000000", with: "0000000000000000")
        #expect(signals.trimmingCharacters(in: .whitespaces) == "SigBlk: 0000000000000000 SigIgn: 0000000000000000")
        #expect(try result.text("own") == "yes")
    }

    // MARK: People

    @Test("parked while it runs, its result is kept: a release delivers it and does not run it again")
    func hold() throws {
        let receiver = try Receiver()
        let stage = try Stage(processor: Self.untilGo + "; echo '{\"n\":1}'") { try $0.subscribe("s", receiver.url) }
        try stage.spool.submit("k")
        try stage.processor?.waitForRuns(1)
        try stage.spool.shell("mv processing/k.json hold/")
        try go(stage.spool)
        try stage.spool.wait(for: "processing/k.json.invoice")
        try stage.daemon.waitForLog("k: taken out of processing/")
        #expect(receiver.calls.isEmpty)
        try stage.spool.shell("mv hold/k.json incoming/")
        try stage.spool.wait(for: "done/k.json")
        #expect(stage.processor?.runs == ["k"] && receiver.calls.count == 1)
        #expect(try stage.spool.object("done/k.json.invoice").object("result").number("n") == 1)
    }

    @Test("removed while it runs, nothing is written, and the key is free")
    func removed() throws {
        let stage = try Stage(processor: Self.untilGo)
        try stage.spool.submit("k")
        try stage.processor?.waitForRuns(1)
        try stage.spool.shell("rm processing/k.json")
        try go(stage.spool)
        try stage.daemon.waitForLog("k: taken out of processing/")
        #expect(stage.spool.names("processing").isEmpty)
        try stage.spool.submit("k", #"{"customer_id":"c","amount_cents":2}"#)
        try stage.spool.wait(for: "done/k.json")
        #expect(stage.processor?.runs == ["k", "k"])
    }

    // MARK: Ends

    @Test("asked to stop, the daemon lets those that run finish, and records them")
    func finishes() throws {
        let stage = try Stage(processor: Self.untilGo + "; echo '{}'", ["--processor-concurrency", "1"])
        try stage.spool.submit("k")
        try stage.processor?.waitForRuns(1)
        stage.daemon.process.signal(SIGTERM)
        try stage.daemon.waitForLog("stopping:")
        try go(stage.spool)
        #expect(try stage.daemon.process.wait() == 0)
        #expect(stage.spool.states(of: "k") == ["processing"] && stage.spool.contains("processing/k.json.invoice"))
        try stage.start()
        try stage.spool.wait(for: "done/k.json")
        #expect(stage.processor?.runs == ["k"])
    }

    @Test("asked to stop, it ends those that take too long, with their children; they are run again")
    func endsSlow() throws {
        let stage = try Stage(
            processor: #"sleep 1000 & echo "$$ $!" >> "$here/pids"; wait"#, ["--shutdown-timeout", "100ms"])
        try stage.spool.submit("k")
        try eventually("it runs") { !stage.spool.scratch.text("pids").isEmpty }
        #expect(try stage.daemon.terminate() == 0)
        for number in stage.spool.scratch.text("pids").split(whereSeparator: \.isWhitespace).compactMap({ pid_t($0) }) {
            try eventually("process \(number) has gone") { kill(number, 0) == -1 }
        }
        #expect(stage.spool.states(of: "k") == ["processing"] && !stage.spool.contains("processing/k.json.invoice"))
        try stage.processor?.write("exit 0")
        try stage.start()
        try stage.spool.wait(for: "done/k.json")
    }

    @Test("one that does its work when it is asked to stop has it recorded")
    func endsWell() throws {
        let stage = try Stage(
            processor: "trap 'echo \"{}\"; exit 0' TERM; touch \"$here/ready\"; while :; do sleep 0.01; done",
            ["--shutdown-timeout", "50ms"])
        try stage.spool.submit("k")
        try eventually("it runs") { access(stage.spool.scratch.path("ready"), F_OK) == 0 }
        #expect(try stage.daemon.terminate() == 0)
        #expect(stage.spool.contains("processing/k.json.invoice"))
        try stage.start()
        try stage.spool.wait(for: "done/k.json")
        #expect(stage.processor?.runs == ["k"])
    }

    @Test("the batch job waits for those that run, and leaves those that are to be tried later")
    func drain() throws {
        let spool = try TestSpool()
        let processor = try Processor(spool, #"case $INVOICE_KEY in later*) exit 75;; bad) exit 1;; esac; sleep 0.02"#)
        for number in 0..<20 { try spool.submit("k\(number)") }
        try spool.submit("later1")
        let first = try Daemon.run(spool, ["--drain", "--json"] + processor.arguments)
        #expect(first.status == 0)
        #expect(spool.requests("done").count == 20 && spool.requests("processing") == ["later1.json"])
        try spool.submit("bad")
        let second = try Daemon.run(spool, ["--drain", "--json"] + processor.arguments)
        #expect(second.status == 65 && spool.requests("dead") == ["bad.json"])
        #expect(processor.runs.count == 22, "what is to be tried later is not due yet")
        try processor.write("exit 0")
        #expect(try Daemon.run(spool, ["--drain", "--wait-retries"] + processor.arguments).status == 0)
        #expect(spool.requests("done").count == 21)
    }
}
