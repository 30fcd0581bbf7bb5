import Foundation
import Synchronization
import TestSupport
import Testing

/// Many producers that call the same thing by different names: the names meet in different lanes, the key in one.
@Suite("Many producers of the same content, each with its own names", .serialized)
struct DerivedKeyRaceTests {
    private enum Way: CaseIterable { case rename, link, copy, submit }

    private static let ways = Way.allCases + [.rename, .link, .copy, .rename]
    private let numbers = 0..<40

    /// The same value in other bytes from each producer.
    private static func content(_ number: Int, by producer: Int) -> String {
        let space = String(repeating: " ", count: producer)
        return #"{\#(space)"order":"o-\#(number)","customer_id":"c-1","amount_cents":100}"#
    }

    @Test(
        "get one invoice each, and every loser is counted as a duplicate", arguments: ["content", "field:order"],
        [true, false])
    func oneInvoice(keyFrom: String, killing: Bool) throws {
        let receiver = try Receiver()
        let stage = try Stage(["--lanes", "4"]) { try $0.initialise(keyFrom: keyFrom, hears: receiver) }
        try expectOrder(stage, receiver, told: try race(stage, killing: killing), strictly: !killing)
    }

    @Test("on bindfs get one invoice each", .enabled(if: BindMount.objection == nil, "needs bindfs"))
    func onBindfs() throws {
        let receiver = try Receiver()
        try BindMount.withStage(["--lanes", "4", "--rescan-interval", "200ms"]) { stage in
            try expectOrder(stage, receiver, told: try race(stage, killing: false), strictly: true)
        } prepare: {
            try $0.initialise(keyFrom: "content", hears: receiver)
        }
    }

    /// - Parameters:
    ///   - told: how often `submit` said that the request stands already.
    ///   - strictly: whether one log tells of every duplicate.
    private func expectOrder(_ stage: Stage, _ receiver: Receiver, told: Int, strictly: Bool) throws {
        let spool = stage.spool
        try eventually("all is settled", timeout: .seconds(60), orElse: spool.listing()) {
            ["incoming", "processing", ".billhook/aside"].allSatisfy { spool.names($0).isEmpty }
        }
        #expect(spool.requests("done").count == numbers.count)
        #expect(spool.names("dead").isEmpty, "\(spool.names("dead"))")
        var orders: Set<String> = []
        for name in spool.requests("done") {
            let request = try spool.object("done/\(name)")
            let invoice = try spool.object("done/\(name).invoice")
            orders.insert(try request.text("order"))
            #expect(try invoice.text("key") + ".json" == name)
            #expect(try invoice.text("request_sha256") == HostileDrop.sha256(spool.bytes("done/\(name)")))
            let fileName = try invoice.text("file_name")
            #expect(fileName.hasSuffix(" of \(try request.text("order")).json") || fileName == name)
            let ids = Set(receiver.calls.filter { $0.key == String(name.dropLast(5)) }.map(\.invoiceID))
            #expect(ids == [try invoice.text("id")])
        }
        #expect(orders == Set(numbers.map { "o-\($0)" }))
        if strictly {
            let removed = stage.daemon.log.components(separatedBy: ": duplicate of").count - 1
            #expect(removed + told == (Self.ways.count - 1) * numbers.count)
        }
        #expect(try stage.daemon.terminate() == 0)
    }

    /// Lets all producers loose; returns how often `submit` said that the request stands already.
    private func race(_ stage: Stage, killing: Bool) throws -> Int {
        let spool = stage.spool
        let told = Atomic<Int>(0)
        let running = Atomic<Int>(Self.ways.count)
        let failures = Mutex<[String]>([])
        let group = DispatchGroup()
        for (producer, way) in Self.ways.enumerated() {
            group.enter()
            Thread.detachNewThread { [numbers] in
                do {
                    for number in numbers where try Self.drop(number, producer, way, spool) {
                        told.add(1, ordering: .relaxed)
                    }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
                running.subtract(1, ordering: .releasing)
                group.leave()
            }
        }
        var kills = 0
        while killing, running.load(ordering: .acquiring) > 0, kills < 6 {
            try eventually("something more is done", orElse: spool.listing()) {
                spool.requests("done").count > kills * 4 || running.load(ordering: .acquiring) == 0
            }
            try stage.act(.killed) {}
            kills += 1
        }
        group.wait()
        let all = failures.withLock { $0 }
        guard all.isEmpty else { throw HarnessError(all.joined(separator: "\n")) }
        return told.load(ordering: .acquiring)
    }

    /// Returns whether the command said that the request stands already.
    private static func drop(_ number: Int, _ producer: Int, _ way: Way, _ spool: TestSpool) throws -> Bool {
        let text = content(number, by: producer)
        let name = "Nr. \(producer) of o-\(number).json"
        let staged = "tmp/\(name)"
        switch way {
        case .rename:
            try spool.write(text, to: staged)
            try spool.move(staged, to: "incoming/\(name)")
        case .link:
            try spool.write(text, to: staged)
            guard link(spool.path(staged), spool.path("incoming/\(name)")) == 0 else { throw HarnessError("link") }
            try spool.remove(staged)
        case .copy:
            let file = try Writer(spool.path("incoming/\(name)"))
            try file.write(String(text.prefix(10)))
            try file.write(String(text.dropFirst(10)))
            file.close()
        case .submit:
            try spool.write(text, to: staged)
            let output = spool.scratch.path("submit-\(producer).out")
            unlink(output)
            let status = try Spawn(
                Daemon.binary, ["submit", "--json", "--spool", spool.path, spool.path(staged)], output: output,
                errors: spool.scratch.path("submit-\(producer).err")
            ).wait()
            guard status == 0 else {
                throw HarnessError(
                    "submit: \(status): \(spool.scratch.text("submit-\(producer).err")) \(spool.scratch.text("submit-\(producer).out"))"
                )
            }
            try spool.remove(staged)
            return spool.scratch.text("submit-\(producer).out").contains("\"duplicate\"")
        }
        return false
    }

    @Test("lose nothing and bill nothing twice though the daemon is killed ten times at any moment")
    func killed() throws {
        let receiver = try Receiver()
        let spool = try TestSpool()
        try spool.initialise(keyFrom: "field:order", hears: receiver)
        var random = SystemRandomNumberGenerator()
        for kill in 0..<10 {
            let daemon = try Daemon(spool)
            for number in 0..<30 {
                let order = "o-\(kill * 30 + number)"
                try spool.write(#"{"order":"\#(order)","customer_id":"c","amount_cents":1}"#, to: "tmp/x")
                try spool.move("tmp/x", to: "incoming/Rechnung \(order) (ä).json")
            }
            // A moment of no meaning: there is nothing to wait for.
            usleep(UInt32.random(in: 0...25_000, using: &random))
            try daemon.kill9()
        }
        let daemon = try Daemon(spool)
        try eventually("all are done", orElse: spool.listing()) { spool.requests("done").count == 300 }
        try eventually("nothing is left over", orElse: spool.listing()) { spool.names(".billhook/aside").isEmpty }
        #expect(try daemon.terminate() == 0)
        for state in ["incoming", "processing", "dead"] { #expect(spool.names(state).isEmpty) }
        for number in 0..<300 {
            let invoice = try spool.object("done/o-\(number).json.invoice")
            #expect(try invoice.text("file_name") == "Rechnung o-\(number) (ä).json")
        }
        #expect(Set(receiver.calls.map(\.invoiceID)).count == 300)
    }
}
