import JSON
import Process
import TestSupport
import Testing
import Times

@Suite("What a run of the processor means")
struct ProcessorOutcomeTests {
    private static let program = "/usr/local/bin/bill"

    private func outcome(_ end: ProgramRun.End, _ output: String = "", errors: String = "") -> ProcessorOutcome {
        let run = ProgramRun(end: end, output: Array(output.utf8), errors: Array(errors.utf8))
        return ProcessorOutcome(of: run, program: Self.program)
    }

    private func failed(_ end: ProgramRun.End, _ output: String = "", errors: String = "") -> ProcessorFailure? {
        switch outcome(end, output, errors: errors) {
        case .failed(let failure), .unstartable(let failure): failure
        default: nil
        }
    }

    @Test("exit 0 is done, with a JSON object as the result or with none")
    func done() {
        #expect(outcome(.exited(0)) == .done(result: nil))
        #expect(outcome(.exited(0), " \r\n\t\n") == .done(result: nil))
        #expect(outcome(.exited(0), "{}") == .done(result: Array("{}".utf8)))
        let odd = "{ \"n\" : 1.50e2,\n \"x\":\"\\u00e4\" }"
        #expect(outcome(.exited(0), "\n" + odd + "\n", errors: "a warning") == .done(result: Array(odd.utf8)))
    }

    @Test("exit 75 is later, whatever it wrote")
    func later() {
        guard case .tryLater(let sentence) = outcome(.exited(75), "{}", errors: "busy\n") else {
            Issue.record("75 is not later")
            return
        }
        #expect(sentence.contains(Self.program) && sentence.contains("75") && !sentence.contains("busy"))
    }

    @Test("ended as Billhook stops is neither success nor failure")
    func stopped() {
        #expect(outcome(.stopped, "{}") == .stopped)
    }

    // MARK: Failures

    /// How a run may fail, and what must be found in its message and its hint.
    struct Case: Sendable, CustomTestStringConvertible {
        let end: ProgramRun.End
        var output = ""
        let code: String
        let cause: String
        let action: String

        var testDescription: String { "\(end) \(output.prefix(20))" }
    }

    static let cases: [Case] = [
        Case(end: .exited(1), code: "processor_failed", cause: "exited with 1", action: "why"),
        Case(end: .exited(2), code: "processor_failed", cause: "exited with 2", action: "why"),
        Case(end: .exited(63), code: "processor_failed", cause: "exited with 63", action: "why"),
        Case(end: .exited(255), code: "processor_failed", cause: "exited with 255", action: "why"),
        Case(end: .exited(64), code: "processor_misconfigured", cause: "EX_USAGE", action: "--processor-argument"),
        Case(end: .exited(65), code: "processor_refused", cause: "does not accept", action: "Correct the request"),
        Case(end: .exited(66), code: "processor_misconfigured", cause: "lacks a file", action: "that file"),
        Case(end: .exited(67), code: "processor_refused", cause: "customer", action: "customer_id"),
        Case(end: .exited(68), code: "processor_unavailable", cause: "host", action: "hosts"),
        Case(end: .exited(69), code: "processor_unavailable", cause: "service", action: "exits with 75"),
        Case(end: .exited(70), code: "processor_failed", cause: "fault in itself", action: "mended"),
        Case(end: .exited(71), code: "processor_unavailable", cause: "system refused", action: "memory"),
        Case(end: .exited(72), code: "processor_misconfigured", cause: "file of the system", action: "restore"),
        Case(end: .exited(73), code: "processor_misconfigured", cause: "can't create", action: "owner and mode"),
        Case(end: .exited(74), code: "processor_unavailable", cause: "read or write", action: "disk"),
        Case(end: .exited(76), code: "processor_unavailable", cause: "did not answer", action: "versions"),
        Case(end: .exited(77), code: "processor_misconfigured", cause: "lacks a right", action: "the right"),
        Case(end: .exited(78), code: "processor_misconfigured", cause: "configuration", action: "Correct the config"),
        Case(end: .exited(126), code: "processor_misconfigured", cause: "may not be executed", action: "chmod"),
        Case(end: .exited(127), code: "processor_misconfigured", cause: "not found", action: "PATH"),
        Case(end: .exited(134), code: "processor_killed", cause: "SIGABRT", action: "mended"),
        Case(end: .exited(137), code: "processor_killed", cause: "SIGKILL", action: "memory"),
        Case(end: .exited(139), code: "processor_killed", cause: "SIGSEGV", action: "mended"),
        Case(end: .exited(143), code: "processor_killed", cause: "SIGTERM", action: "who ended it"),
        Case(end: .killed(signal: 1), code: "processor_killed", cause: "SIGHUP", action: "who ended it"),
        Case(end: .killed(signal: 2), code: "processor_killed", cause: "SIGINT", action: "who ended it"),
        Case(end: .killed(signal: 4), code: "processor_killed", cause: "SIGILL", action: "mended"),
        Case(end: .killed(signal: 6), code: "processor_killed", cause: "crash", action: "mended"),
        Case(end: .killed(signal: 7), code: "processor_killed", cause: "SIGBUS", action: "mended"),
        Case(end: .killed(signal: 8), code: "processor_killed", cause: "SIGFPE", action: "mended"),
        Case(end: .killed(signal: 9), code: "processor_killed", cause: "memory runs out", action: "dmesg"),
        Case(end: .killed(signal: 11), code: "processor_killed", cause: "SIGSEGV", action: "mended"),
        Case(end: .killed(signal: 13), code: "processor_killed", cause: "nobody read", action: "closed"),
        Case(end: .killed(signal: 14), code: "processor_killed", cause: "alarm", action: "wait longer"),
        Case(end: .killed(signal: 15), code: "processor_killed", cause: "SIGTERM", action: "who ended it"),
        Case(end: .killed(signal: 24), code: "processor_killed", cause: "processor time", action: "ulimit"),
        Case(end: .killed(signal: 25), code: "processor_killed", cause: "size of files", action: "ulimit"),
        Case(end: .killed(signal: 31), code: "processor_killed", cause: "forbidden", action: "SystemCallFilter"),
        Case(end: .killed(signal: 40), code: "processor_killed", cause: "signal 40", action: "who sent"),
        Case(
            end: .timeLimit(.seconds(90)), code: "processor_timed_out", cause: "after 90s",
            action: "--processor-timeout"),
        Case(
            end: .tooMuchOutput(limit: 1_048_576), code: "processor_output_too_large", cause: "1048576 bytes",
            action: "standard error"),
        Case(end: .exited(0), output: "ok", code: "processor_bad_result", cause: "no JSON", action: "one JSON object"),
        Case(end: .exited(0), output: #"{"a":1"#, code: "processor_bad_result", cause: "ends before", action: "JSON"),
        Case(
            end: .exited(0), output: "{}{}", code: "processor_bad_result", cause: "follows the end", action: "one JSON"),
        Case(
            end: .exited(0), output: "{}\nlog line", code: "processor_bad_result", cause: "follows",
            action: "standard error"),
        Case(end: .exited(0), output: #"{"a":1,"a":2}"#, code: "processor_bad_result", cause: "twice", action: "JSON"),
        Case(
            end: .exited(0), output: "[1]", code: "processor_bad_result", cause: "an array", action: "one JSON object"),
        Case(
            end: .exited(0), output: "\"x\"", code: "processor_bad_result", cause: "a string", action: "one JSON object"
        ),
        Case(end: .exited(0), output: "42", code: "processor_bad_result", cause: "a number", action: "one JSON object"),
        Case(end: .exited(0), output: "null", code: "processor_bad_result", cause: "null", action: "one JSON object"),
        Case(
            end: .exited(0), output: "true", code: "processor_bad_result", cause: "a boolean", action: "one JSON object"
        ),
        Case(
            end: .exited(0),
            output: String(repeating: "{\"a\":", count: 121) + "1" + String(repeating: "}", count: 121),
            code: "processor_bad_result", cause: "nested too deeply", action: "JSON"),
        Case(end: .notStarted(.notFound), code: "processor_not_started", cause: "not found", action: "--processor"),
        Case(end: .notStarted(.notExecutable), code: "processor_not_started", cause: "executed", action: "chmod a+x"),
        Case(
            end: .notStarted(.isDirectory), code: "processor_not_started", cause: "a directory",
            action: "Name the program"),
        Case(end: .notStarted(.notAFile), code: "processor_not_started", cause: "not a file", action: "Name a program"),
        Case(
            end: .notStarted(.noInterpreter("/usr/bin/perl6")), code: "processor_not_started", cause: "/usr/bin/perl6",
            action: "Install the interpreter"),
        Case(end: .notStarted(.notAProgram), code: "processor_not_started", cause: "#!", action: "#!/bin/sh"),
        Case(end: .notStarted(.beingWritten), code: "processor_not_started", cause: "written", action: "renaming"),
        Case(
            end: .notStarted(.noRoom("Cannot allocate memory")), code: "processor_not_started",
            cause: "allocate memory",
            action: "ulimit"),
        Case(
            end: .notStarted(.other("Bad address")), code: "processor_not_started", cause: "Bad address",
            action: "by hand"),
    ]

    @Test("each kind of failure has a code, names the program and the cause, and says what to do", arguments: cases)
    func explained(expected: Case) throws {
        for errors in ["", "it said this\n"] {
            let failure = try #require(failed(expected.end, expected.output, errors: errors))
            #expect(failure.code == expected.code)
            #expect(failure.message.hasPrefix("The processor \(Self.program) ") && failure.message.hasSuffix("."))
            #expect(failure.message.contains(expected.cause), "\(failure.message)")
            #expect(failure.hint.contains(expected.action) && failure.hint.hasSuffix("."), "\(failure.hint)")
            #expect(!failure.message.contains("it said this") && !failure.hint.contains("it said this"))
        }
    }

    @Test("there are at least forty kinds, and each code is among them")
    func complete() {
        #expect(Self.cases.count >= 40)
        #expect(Set(Self.cases.map(\.code)) == Set(ProcessorFailure.Kind.allCases.map(\.rawValue)))
    }

    @Test("a failure that could be the machine's own leaves the invoice alone, every other ends it")
    func whoseFault() {
        for expected in Self.cases {
            let isMachines = if case .unstartable = outcome(expected.end, expected.output) { true } else { false }
            #expect(isMachines == (expected.code == "processor_not_started"))
        }
    }

    @Test("no message shows anything that it wrote")
    func secret() throws {
        for output in ["sk_live_1", "[\"sk_live_1\"]", "{\"sk_live_1\"", "{\"sk_live_1\":1,\"sk_live_1\":2}"] {
            let failure = try #require(failed(.exited(0), output))
            #expect(!(failure.message + failure.hint).contains("sk_live"))
        }
    }

    // MARK: Standard error

    @Test("its last lines are kept, and the hint says whether there are any")
    func lastLines() throws {
        let said = try #require(failed(.exited(1), errors: "one\ntwo\r\n\n"))
        #expect(said.lastLines == ["one", "two"] && said.hint.contains("`stderr`"))
        let silent = try #require(failed(.exited(1)))
        #expect(silent.lastLines == [] && silent.hint.contains("nothing to standard error"))
        let many = try #require(failed(.exited(1), errors: (1...100).map { "line \($0)\n" }.joined()))
        #expect(many.lastLines == (81...100).map { "line \($0)" })
    }

    @Test("a line that was cut at its beginning is left out")
    func cut() throws {
        let run = ProgramRun(end: .exited(1), errors: Array("alf a line\nwhole".utf8), errorsAreCut: true)
        guard case .failed(let failure) = ProcessorOutcome(of: run, program: "/p") else { return }
        #expect(failure.lastLines == ["whole"])
    }

    @Test("what could move a cursor, turn the writing or is no text is made harmless, and long lines end")
    func harmless() throws {
        let text = "\u{1B}[2J\u{7}a\tb\u{202E}c\u{85}\u{7F}é"
        let run = ProgramRun(
            end: .exited(1), errors: Array(text.utf8) + [0xFF, 0x0A] + Array(repeating: 0x78, count: 900))
        guard case .failed(let failure) = ProcessorOutcome(of: run, program: "/p") else { return }
        #expect(
            failure.lastLines == [
                "\u{FFFD}[2J\u{FFFD}a b\u{FFFD}c\u{FFFD}\u{FFFD}é\u{FFFD}", String(repeating: "x", count: 400),
            ])
    }

    // MARK: The invoice

    @Test("a result stands in the invoice as it was written, on one line, and the rest is as it was")
    func result() throws {
        let result = "{\n\"a\":[1.0,\r\n\"x\\n\"] }"
        let plain = try Invoice.make()
        let bytes = plain.with(result: Array(result.utf8), processedAt: plain.processedAt).encoded()
        #expect(bytes.filter { $0 == 0x0A || $0 == 0x0D }.count == 1)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasSuffix(",\"result\":{ \"a\":[1.0,  \"x\\n\"] }}\n"))
        #expect(try InvoiceRecord.read(bytes) == InvoiceRecord.read(plain.encoded()))
        #expect(plain.with(result: nil, processedAt: plain.processedAt).encoded() == plain.encoded())
        #expect(
            plain.with(result: nil, processedAt: plain.processedAt + .seconds(9)).processedAt == plain.processedAt
                + .seconds(9))
    }

    @Test("the deepest result that is taken makes an invoice that can be read back")
    func deepest() throws {
        let deep = String(repeating: "{\"a\":", count: 119) + "{}" + String(repeating: "}", count: 119)
        guard case .done(let result?) = outcome(.exited(0), deep) else {
            Issue.record("it is not taken")
            return
        }
        #expect(throws: Never.self) {
            try InvoiceRecord.read(Invoice.make().with(result: result, processedAt: noon).encoded())
        }
    }
}
