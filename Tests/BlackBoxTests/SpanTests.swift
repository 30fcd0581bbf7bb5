import TestSupport
import Testing

@Suite("Spans of time on the command line")
struct SpanTests {
    private static let span = "Write a whole number and a unit: 200ms, 5s, 30m, 2h, 1d."
    private static let limit = "greater than zero and a unit, such as 12h or 90d, or 'never' (or 'off') for never."

    @Test(
        "that can't be used are refused with what can",
        arguments: [
            (["run", "--idempotency-window", "5"], span), (["run", "--processor-timeout", "1 m"], span),
            (["run", "--delete-after", "0s"], limit), (["run", "--disable-after", "0"], limit),
            (["archive", "--delete-after", "0s"], limit), (["archive", "--delete-after", "90"], limit),
            (["submit", "--wait-timeout", "soon"], span),
        ])
    func refused(arguments: [String], sentence: String) throws {
        let spool = try TestSpool()
        let told = try Tool.billhook(spool, arguments)
        #expect(told.status == 64)
        #expect(told.errors.contains(sentence), "\(told.errors)")
        #expect(spool.names(".billhook").isEmpty, "nothing was begun")
    }

    @Test("both limits know 'never' and 'off'", arguments: ["never", "off"])
    func never(word: String) throws {
        let told = try Tool.billhook(
            try TestSpool(), ["run", "--drain", "--delete-after", word, "--disable-after", word])
        #expect(told.status == 0, "\(told.errors)")
    }

    @Test("a variable's are refused likewise")
    func variable() throws {
        let spool = try TestSpool()
        let told = try Tool.run(
            "/usr/bin/env", ["BILLHOOK_DELETE_AFTER=0s", Daemon.binary, "archive", "--spool", spool.path])
        #expect(told.status == 64)
        #expect(told.errors.contains("BILLHOOK_DELETE_AFTER") && told.errors.contains(Self.limit), "\(told.errors)")
    }

    @Test("help tells the defaults, and those that a variable sets")
    func help() throws {
        let told = try Tool.run("/usr/bin/env", ["BILLHOOK_DELETE_AFTER=90d", Daemon.binary, "help", "run"])
        for text in ["default: 10m", "5d", "90d"] { #expect(told.output.contains("\(text))"), "\(told.output)") }
    }
}
