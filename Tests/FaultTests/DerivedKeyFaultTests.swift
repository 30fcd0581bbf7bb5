import Foundation
import Synchronization
import TestSupport
import Testing

@Suite(
    "Whatever stops a run on a spool that derives its keys", .serialized,
    .enabled(if: Binary.canTrace, "strace, or the right to trace, is missing"))
struct DerivedKeyFaultTests {
    private static let isFull = ProcessInfo.processInfo.environment["BILLHOOK_TEST_FULL"] == "1"
    private static let tally = Mutex((kills: 0, errors: 0, violations: 0))

    @Test(
        "killed before any of its calls, the next run finishes it and every name is kept",
        arguments: [
            World(isHeard: false), World(durability: "full", isHeard: false),
            World(isHeard: false, renamesWithoutReplacing: false),
        ])
    func kill(world: World) throws {
        let calls =
            world.renamesWithoutReplacing ? DerivedKeyWalk.calls : ["renameat", "linkat", "unlinkat", "symlinkat"]
        try walk(world, calls: calls) { call, number in
            [Fault(call: call, occurrence: number, kind: .kill)]
        }
    }

    @Test("when any of its calls fails, it goes on, or the next run does")
    func fail() throws {
        let calls = ["symlinkat", "readlinkat", "renameat2", "unlinkat", "openat", "faccessat2"]
        try walk(World(isHeard: false), calls: calls) { call, number in
            [Fault(call: call, occurrence: number, kind: .error(call == "symlinkat" ? "ENOSPC" : "EIO"))]
        }
        let tally = DerivedKeyFaultTests.tally.withLock { $0 }
        print("kill points walked: \(tally.kills), faults injected: \(tally.errors), violations: \(tally.violations)")
    }

    private func walk(_ world: World, calls: [String], _ faults: (String, Int) -> [Fault]) throws {
        let walk = try DerivedKeyWalk(world)
        let points = Recording(try walk.record(), of: calls, all: DerivedKeyFaultTests.isFull).points
        let all = points.flatMap { faults($0.call, $0.occurrence) }
        #expect(all.count > 10)
        let next = Atomic(0)
        let issues = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < all.count else { return }
                let violations: [String]?
                do { violations = try walk.walk(all[index]) } catch { violations = ["\(all[index]): \(error)"] }
                guard let violations else { continue }
                DerivedKeyFaultTests.tally.withLock { tally in
                    if all[index].kind == .kill { tally.kills += 1 } else { tally.errors += 1 }
                    tally.violations += violations.count
                }
                issues.withLock { $0 += violations }
            }
        }
        for issue in issues.withLock({ $0 }) { Issue.record(Comment(rawValue: issue)) }
    }
}

/// A spool in which one run meets every way of a drop whose key is in its content, and what is to come of it.
private final class DerivedKeyWalk: Sendable {
    static let calls = Recording.writing + ["symlinkat"]

    private let template: TestSpool
    private let world: World
    private let expected: Set<String>

    init(_ world: World) throws {
        self.world = world
        template = try TestSpool()
        let output = template.scratch.path("init.out")
        let status = try Spawn(
            Binary.billhook, ["init", "--spool", template.path, "--key-from", "field:order"], output: output,
            errors: output
        ).wait()
        guard status == 0 else { throw HarnessError("init: \(template.scratch.text("init.out"))") }
        try DerivedKeyWalk.prepare(template)
        let spool = try DerivedKeyWalk.copy(template)
        let end = try DerivedKeyWalk.run(spool, DerivedKeyWalk.arguments(spool, world.durability))
        expected = try Snapshot(of: spool.path).outline
        guard end == 65 else { throw HarnessError("The run to compare with ended with \(end). \(spool.listing())") }
        let wrong = try DerivedKeyWalk.wrongNames(spool)
        guard wrong.isEmpty else { throw HarnessError(wrong.joined(separator: "\n")) }
    }

    private static func request(_ order: String, _ amount: Int = 100) -> String {
        #"{"order":"\#(order)","customer_id":"c-1","amount_cents":\#(amount)}"#
    }

    private static func prepare(_ spool: TestSpool) throws {
        for name in ["taken", "replayed", "edited"] { try spool.write(request(name), to: "incoming/A \(name).json") }
        try spool.write(request("mended", -1), to: "incoming/A mended.json")
        try spool.write("{]", to: "incoming/twice bad.json")
        guard try run(spool, arguments(spool, "process")) == 65 else { throw HarnessError(spool.listing()) }
        try spool.move("done/replayed.json", to: "incoming/replayed.json")
        try spool.remove("done/edited.json")
        try spool.write(request("other"), to: "incoming/edited.json")
        try spool.remove("dead/mended.json")
        try spool.write(request("mended"), to: "incoming/mended.json")
        for number in 1...3 { try spool.write(request("fresh-\(number)"), to: "incoming/A fresh-\(number).json") }
        try spool.write(request("doomed", -1), to: "incoming/A doomed.json")
        try spool.write(" " + request("taken"), to: "incoming/duplicate.json")
        try spool.write(request("taken", 5), to: "incoming/conflict.json")
        try spool.write("{]", to: "incoming/bad.json")
        try spool.write("{}", to: "incoming/twice bad.json")
        try spool.write("{", to: "incoming/cut off.json")
        // What a crash leaves of a drop that was set aside, and of a claim.
        try spool.write(request("aside"), to: ".billhook/aside/~00112233")
        try spool.write(request("claimed"), to: "processing/claimed.json")
        for (link, name) in [("~00112233.name", "A aside.json"), ("claimed.json.name", "A claimed.json")] {
            guard symlink(name, spool.path(".billhook/aside/\(link)")) == 0 else { throw HarnessError("no symlink") }
        }
    }

    private static func copy(_ template: TestSpool) throws -> TestSpool {
        let spool = try TestSpool()
        let output = spool.scratch.path("cp.out")
        let status = try Spawn("/bin/cp", ["-a", template.path + "/.", spool.path], output: output, errors: output)
            .wait()
        guard status == 0 else { throw HarnessError("The scenario can't be copied: \(status).") }
        return spool
    }

    /// The calls of an unharmed run that name the spool.
    func record() throws -> String {
        let spool = try DerivedKeyWalk.copy(template)
        _ = try DerivedKeyWalk.run(
            spool, try traced(spool, DerivedKeyWalk.calls + Recording.reading + ["readlinkat"], nil))
        return String(decoding: try spool.scratch.read("trace"), as: UTF8.self)
    }

    /// Harms a run, runs again unharmed, and says what is wrong then; `nil` if the fault was never reached.
    func walk(_ fault: Fault) throws -> [String]? {
        let spool = try DerivedKeyWalk.copy(template)
        let status = try DerivedKeyWalk.run(spool, try traced(spool, [fault.call], fault))
        let trace = String(decoding: try spool.scratch.read("trace"), as: UTF8.self)
        guard status == 137 || trace.contains("(INJECTED)") else { return nil }
        let harmed = try Snapshot(of: spool.path)
        _ = try DerivedKeyWalk.run(spool, DerivedKeyWalk.arguments(spool, world.durability))
        let after = try Snapshot(of: spool.path)
        // A drop that was given back to incoming/, after it was scanned, is taken by the run after.
        _ = try DerivedKeyWalk.run(spool, DerivedKeyWalk.arguments(spool, world.durability))
        let last = try Snapshot(of: spool.path)
        var wrong = after.changes(to: last).map { "a second clean run: \($0)" }
        let outline = last.outline
        wrong += expected.subtracting(outline).map { "missing: \($0)" }
        wrong += outline.subtracting(expected).map { "unexpected: \($0)" }
        wrong += try DerivedKeyWalk.wrongNames(spool)
        guard !wrong.isEmpty else { return [] }
        let context = ["\(fault)"] + wrong + ["as the harm left it:", harmed.listing, "log:", spool.listing(), trace]
        return [context.joined(separator: "\n")]
    }

    /// Each invoice and each `.error` tells the name under which its file was dropped first.
    private static func wrongNames(_ spool: TestSpool) throws -> [String] {
        var wrong: [String] = []
        for state in ["done", "dead", "processing"] {
            for name in spool.names(state) where name.hasSuffix(".invoice") {
                let key = String(name.dropLast(13))
                let found = try spool.object("\(state)/\(name)").text("file_name")
                if found != "A \(key).json" { wrong.append("\(state)/\(name) says \(found)") }
            }
        }
        if !spool.names(".billhook/aside").isEmpty { wrong.append("aside: \(spool.names(".billhook/aside"))") }
        return wrong
    }

    // MARK: Running

    private static func arguments(_ spool: TestSpool, _ durability: String) -> [String] {
        [Binary.billhook, "run", "--drain", "--lanes", "1", "--spool", spool.path, "--durability", durability]
    }

    private func traced(_ spool: TestSpool, _ calls: [String], _ fault: Fault?) throws -> [String] {
        var options = [try #require(Binary.strace), "-f", "-qq", "-y", "-o", spool.scratch.path("trace")]
        options += ["-e", "signal=none"]
        var traced = calls
        if !world.renamesWithoutReplacing {
            traced.append("renameat2")
            options += ["-e", "inject=renameat2:error=EINVAL"]
        }
        options += ["-e", "trace=" + traced.joined(separator: ",")]
        if let fault { options += ["-e", "inject=" + fault.injection] }
        let states = ["incoming", "processing", "done", "dead"]
        var paths = Set(states + [".billhook/aside", "archive"])
        for outline in expected {
            let path = outline.prefix { $0 != ":" }
            guard path.hasSuffix(".json"), let name = path.split(separator: "/").last else { continue }
            for state in states {
                for end in ["", ".invoice", ".error", ".attempts"] { paths.insert("\(state)/\(name)\(end)") }
            }
        }
        for path in paths.sorted() { options += ["-P", spool.path(path)] }
        return options + DerivedKeyWalk.arguments(spool, world.durability)
    }

    private static func run(_ spool: TestSpool, _ command: [String]) throws -> Int32 {
        let log = spool.scratch.path("daemon.log")
        return try Spawn(command[0], Array(command.dropFirst()), output: log, errors: log).wait(timeout: .seconds(20))
    }
}
