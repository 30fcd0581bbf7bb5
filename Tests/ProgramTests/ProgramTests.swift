import Foundation
import Process
import Program
import SystemPackage
import TestSupport
import Testing

@Suite("A program that is run", .serialized)
struct ProgramTests {
    private let scratch: ScratchDirectory

    init() throws {
        // As the daemon does: a program that closes its input must not end the one who writes to it.
        signal(SIGPIPE, SIG_IGN)
        scratch = try ScratchDirectory()
    }

    private func script(_ body: String) throws -> Program {
        let path = try scratch.write("#!/bin/sh\n\(body)\n", to: "program")
        chmod(path, 0o755)
        var program = Program(path: FilePath(path))
        program.timeLimit = .seconds(20)
        program.grace = .seconds(5)
        return program
    }

    private func run(_ body: String, _ input: String = "", _ prepare: (inout Program) -> Void = { _ in }) async throws
        -> ProgramRun
    {
        var program = try script(body)
        prepare(&program)
        return await program.run(Array(input.utf8), environment: ["INVOICE_KEY": "k", "NONE": ""])
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("gets its input and its environment, and its output comes back")
    func plain() async throws {
        let run = try await run("cat; echo \" $INVOICE_KEY ${NONE-unset}$HOME\"; echo said >&2", "in")
        #expect(run.end == .exited(0))
        #expect(text(run.output) == "in k \(ProcessInfo.processInfo.environment["HOME"] ?? "")\n")
        #expect(text(run.errors) == "said\n" && !run.errorsAreCut)
    }

    @Test("gets its arguments one by one")
    func arguments() async throws {
        let path = try script("printf '<%s>' \"$@\"").path
        let run = await Program(path: path, arguments: ["a b", "", "*"]).run([], environment: [:])
        #expect(text(run.output) == "<a b><><*>")
    }

    @Test("tells by its exit code or its signal how it ended")
    func ends() async throws {
        #expect(try await run("exit 65").end == .exited(65))
        #expect(try await run("kill -9 $$").end == .killed(signal: 9))
        #expect(try await run("kill -TERM $$").end == .killed(signal: 15))
    }

    @Test(
        "may leave a large input unread, close it, or end before it was written",
        arguments: ["exit 0", "exec <&-; exit 0", "head -c 10 >&2"])
    func unread(body: String) async throws {
        #expect(try await run(body, String(repeating: "x", count: 1 << 20)).end == .exited(0))
    }

    @Test("whose input, output and errors are all large blocks nowhere")
    func large() async throws {
        let run = try await run(
            "tee /dev/stderr", String(repeating: "0123456789abcde\n", count: 1 << 15)
        ) { $0.outputLimit = 1 << 19 }
        #expect(run.end == .exited(0))
        #expect(run.output.count == 1 << 19)
        #expect(run.errors.count == 4096 && run.errorsAreCut && text(run.errors).hasSuffix("abcde\n"))
    }

    @Test("has no descriptor but three, no signal blocked and none ignored, and a group of its own")
    func inherited() async throws {
        let leaked = open("/dev/null", O_RDONLY)  // Without O_CLOEXEC.
        defer { close(leaked) }
        let run = try await run(
            "ls -x /proc/self/fd; grep -E '^Sig(Blk|Ign)' /proc/self/status; ps -o pgid= -p $$ | tr -d ' '; echo $$")
        let lines = text(run.output).split(separator: "\n").map(String.init)
        try #require(lines.count == 5, "\(text(run.output))\(text(run.errors))")
        // The fourth is the directory that ls reads.
        #expect(lines[0].split(separator: " ").map(String.init) == ["0", "1", "2", "3"])
        #expect(lines[1] == "SigBlk:\t0000000000000000")
        // glibc's posix_spawn(3) ignores its own two signals, 32 and 33, which no program can use.
        let ignored = UInt64(lines[2].dropFirst("SigIgn:\t".count), radix: 16) ?? .max
        #expect(ignored & ~0x1_8000_0000 == 0)
        #expect(lines[3] == lines[4])
    }

    // MARK: Ending it

    @Test("is ended at its time limit, with its children")
    func timeLimit() async throws {
        let pids = scratch.path("pids")
        let run = try await run("echo $$ > \(pids); sh -c 'echo $$ >> \(pids); sleep 1000' & wait") {
            $0.timeLimit = .milliseconds(300)
        }
        #expect(run.end == .timeLimit(.milliseconds(300)))
        try expectGone(pids, count: 2)
    }

    @Test("that takes no notice of SIGTERM is killed, and so is a child that does not")
    func stubborn() async throws {
        let pids = scratch.path("pids")
        let run = try await run(
            "trap '' TERM; echo $$ > \(pids); sh -c 'echo $$ >> \(pids); while :; do sleep 1; done' & while :; do sleep 1; done"
        ) {
            $0.timeLimit = .milliseconds(300)
            $0.grace = .milliseconds(100)
        }
        #expect(run.end == .timeLimit(.milliseconds(300)))
        try expectGone(pids, count: 2)
    }

    @Test("that ends at SIGTERM while its child does not leaves no child behind")
    func stubbornChild() async throws {
        let pids = scratch.path("pids")
        let run = try await run(
            "echo $$ > \(pids); sh -c 'trap \"\" TERM; echo $$ >> \(pids); while :; do sleep 1; done' & sleep 1000"
        ) { $0.timeLimit = .milliseconds(300) }
        #expect(run.end == .timeLimit(.milliseconds(300)))
        try expectGone(pids, count: 2)
    }

    @Test("that closed its output is still ended at its time limit")
    func silent() async throws {
        let run = try await run("exec >&- 2>&- <&-; sleep 1000") { $0.timeLimit = .milliseconds(200) }
        #expect(run.end == .timeLimit(.milliseconds(200)))
    }

    @Test("is not waited for when it has ended and a child of its own session holds its output open")
    func heldOpen() async throws {
        let pids = scratch.path("pids")
        let run = try await run(
            "setsid sh -c 'echo $$ > \(pids); exec sleep 1000' & while [ ! -s \(pids) ]; do :; done; echo '{}'")
        #expect(run.end == .exited(0) && text(run.output) == "{}\n")
        try endLeftOver(pids)
    }

    @Test("is not waited for when a child floods its standard error after its end")
    func flooded() async throws {
        let pids = scratch.path("pids")
        let run = try await run(
            "setsid sh -c 'echo $$ > \(pids); exec yes' >&2 & while [ ! -s \(pids) ]; do :; done; exit 0")
        #expect(run.end == .exited(0))
        try? endLeftOver(pids)
    }

    @Test("that writes too much is ended at once")
    func tooMuch() async throws {
        #expect(try await run("yes") { $0.outputLimit = 1000 }.end == .tooMuchOutput(limit: 1000))
        #expect(try await run("head -c 1001 /dev/zero") { $0.outputLimit = 1000 }.end == .tooMuchOutput(limit: 1000))
        #expect(try await run("head -c 1000 /dev/zero") { $0.outputLimit = 1000 }.end == .exited(0))
    }

    @Test("that is asked to stop has its work counted if it ends well, and only then")
    func stopped() async throws {
        for (body, end) in [
            ("trap 'echo {}; exit 0' TERM", ProgramRun.End.exited(0)), ("trap 'exit 3' TERM", .stopped), ("", .stopped),
        ] {
            let ready = scratch.path("ready")
            unlink(ready)
            let program = try script("\(body)\ntouch \(ready)\nwhile :; do sleep 0.01; done")
            let stop = StopSwitch()
            async let run = program.run([], environment: [:], stop: stop)
            try eventually("it runs") { access(ready, F_OK) == 0 }
            stop.stop()
            #expect(await run.end == end, "\(body)")
        }
    }

    @Test("leaves no descriptor open")
    func descriptors() async throws {
        _ = try await run("exit 0")
        let before = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        for _ in 0..<5 {
            _ = try await run("echo '{}'")
            _ = await Program(path: "/nonexistent").run([1], environment: [:])
            _ = try await run("sleep 1000") { $0.timeLimit = .milliseconds(10) }
        }
        let after = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        #expect(after == before)
    }

    // MARK: Starting it

    @Test("that can't be started says why")
    func unstartable() async throws {
        let noMode = try scratch.write("#!/bin/sh\n", to: "nomode")
        let noInterpreter = try scratch.write("#!/no/such/python -x\n", to: "nointerpreter")
        let dos = try scratch.write("#!/bin/sh\r\nexit 0\r\n", to: "dos")
        let noProgram = try scratch.write("echo hello\n", to: "noprogram")
        let empty = try scratch.write("", to: "empty")
        for path in [noInterpreter, dos, noProgram, empty] { chmod(path, 0o755) }
        chmod(noMode, 0o644)
        let cases: [(String, StartProblem)] = [
            (scratch.path("nothing"), .notFound), (noMode, .notExecutable), (scratch.path, .isDirectory),
            (noInterpreter, .noInterpreter("/no/such/python")), (dos, .noInterpreter("/bin/sh")),
            (noProgram, .notAProgram), (empty, .notAProgram), ("/bin/sh/x", .notFound), ("/dev/null", .notAFile),
        ]
        for (path, problem) in cases {
            let run = await Program(path: FilePath(path)).run([], environment: [:])
            guard case .notStarted(let found) = run.end else {
                Issue.record("\(path): \(run.end)")
                continue
            }
            if case .noInterpreter(let name) = problem, case .noInterpreter(let foundName) = found {
                #expect(foundName.hasPrefix(name))
            } else {
                #expect(found == problem, "\(path)")
            }
        }
    }

    @Test("is found by its path or in PATH, once and for all")
    func find() throws {
        #expect(try Program.find("sh").string.hasSuffix("/sh"))
        #expect(try Program.find("/bin/sh") == "/bin/sh")
        #expect(throws: StartProblem.notFound) { try Program.find("no-such-program-anywhere") }
        #expect(throws: StartProblem.notFound) { try Program.find("") }
        #expect(throws: StartProblem.isDirectory) { try Program.find("/usr") }
        #expect(throws: StartProblem.notFound) { try Program.find("./no-such-program") }
    }

    // MARK: Helpers

    private func expectGone(_ pids: String, count: Int) throws {
        let numbers = try String(contentsOfFile: pids, encoding: .utf8).split(separator: "\n").compactMap { pid_t($0) }
        #expect(numbers.count == count)
        for number in numbers {
            try eventually("process \(number) has gone") { kill(number, 0) == -1 || isZombie(number) }
        }
    }

    /// Its parent may not have asked after it yet.
    private func isZombie(_ number: pid_t) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(number)/status", encoding: .utf8)) ?? "State:\tZ"
        return status.contains("State:\tZ")
    }

    private func endLeftOver(_ pids: String) throws {
        let number = try #require(pid_t(try String(contentsOfFile: pids, encoding: .utf8).split(separator: "\n")[0]))
        kill(number, SIGKILL)
    }
}
