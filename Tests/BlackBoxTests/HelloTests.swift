import Foundation
import TestSupport
import Testing

@Suite("The line at start", .serialized)
struct HelloTests {
    /// What follows the path of the spool in it.
    private func hello(_ log: String) throws -> Substring {
        let line = try #require(log.split(separator: "\n").first { $0.contains(" notice ready: billhook ") })
        return line[try #require(line.firstRange(of: ", durability ")).lowerBound...].dropFirst(2)
    }

    @Test("says what outlives what, how names are protected, and how changes are heard of")
    func local() throws {
        let stage = try Stage(["--durability", "process"])
        #expect(
            try hello(stage.daemon.log)
                == "durability process, names protected by renameat2, watching by inotify")
        #expect(try stage.daemon.terminate() == 0)
        #expect(stage.spool.names(".billhook").filter { $0.contains("probe") } == [])
    }

    @Test("of a batch job says that it hears of nothing")
    func batch() throws {
        let spool = try TestSpool()
        #expect(try Daemon.run(spool, ["--drain"]).status == 0)
        #expect(
            try hello(Daemon.log(of: spool))
                == "durability full, names protected by renameat2, working off what is there")
    }

    @Test("on bindfs says why both are different", .enabled(if: BindMount.objection == nil, "needs bindfs"))
    func bindfs() throws {
        try BindMount.withStage(["--rescan-interval", "200ms"]) { stage in
            #expect(
                try hello(stage.daemon.log)
                    == """
                    durability full, names protected by link, since this file system has no RENAME_NOREPLACE, \
                    polling every 200ms (other hosts may change this file system, and inotify does not see that)
                    """)
            try stage.spool.submit("k")
            try stage.spool.wait(for: "done/k.json")
        } prepare: { _ in
        }
    }
}
