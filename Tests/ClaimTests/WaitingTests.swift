import Claim
import Files
import Foundation
import Spool
import TestSupport
import Testing
import Times

@Suite("A drop whose writer may not have finished")
struct WaitingTests {
    @Test("is left in incoming/ while somebody has it open for writing, however it was seen")
    func beingWritten() throws {
        let bench = try Bench()
        try bench.put(Bench.paid, "incoming/inv-1.json")
        do {
            let writer = try File.appending("inv-1.json", in: bench.spool.incoming)
            #expect(try bench.claim("inv-1.json", .settled).story == "being written")
            #expect(try bench.claim("inv-1.json", .seen).story == "being written")
            let snapshot = FileSnapshot(try writer.status())
            #expect(try bench.claim("inv-1.json", .quiet(since: snapshot)).story == "being written")
            #expect(bench.files == ["incoming/inv-1.json"])
        }
        #expect(try bench.claim("inv-1.json", .seen).story == "claimed")
    }

    // Samba holds write leases for its clients. Opening such a file without blocking fails, and that counted as trouble of
    // the whole file system.
    @Test("is left there while somebody holds a write lease on it")
    func leased() throws {
        let bench = try Bench()
        try bench.put(Bench.paid, "incoming/inv-1.json")
        let descriptor = open(bench.scratch.path("spool/incoming/inv-1.json"), O_RDWR)
        defer { close(descriptor) }
        let (setSignal, setLease): (Int32, Int32) = (10, 1024)
        // The break of the lease is told by a signal that is ignored unless somebody asks for it.
        #expect(fcntl(descriptor, setSignal, SIGURG) == 0)
        #expect(fcntl(descriptor, setLease, Int32(F_WRLCK)) == 0)
        #expect(try bench.claim("inv-1.json").story == "being written")
        #expect(bench.files == ["incoming/inv-1.json"])
    }

    @Test("is left there while it is cut off", arguments: ["", "  \n", "{", #"{"customer_id":"c1","amount"#])
    func incomplete(text: String) throws {
        let bench = try Bench()
        try bench.put(text, "incoming/inv-1.json")
        #expect(try bench.claim("inv-1.json").story == "incomplete")
        #expect(bench.files == ["incoming/inv-1.json"])
        try bench.put(Bench.paid, "incoming/inv-1.json")
        #expect(try bench.claim("inv-1.json").story == "claimed")
    }

    @Test("is read again only when it has changed since it was cut off")
    func changed() throws {
        let bench = try Bench()
        try bench.put("{", "incoming/inv-1.json")
        guard case .incomplete(let snapshot) = try bench.claim("inv-1.json", .seen) else {
            Issue.record("It is not incomplete.")
            return
        }
        // Made whole without a trace: it is not even opened.
        let path = bench.scratch.path("spool/incoming/inv-1.json")
        #expect(try bench.claim("inv-1.json", .changed(since: snapshot)).story == "incomplete")
        try FileManager.default.setAttributes([.posixPermissions: 0o000], ofItemAtPath: path)
        guard case .incomplete(let later) = try bench.claim("inv-1.json", .changed(since: snapshot)) else {
            Issue.record("It is not incomplete.")
            return
        }
        #expect(later != snapshot)
        try bench.put(Bench.paid, "incoming/inv-1.json")
        #expect(try bench.claim("inv-1.json", .changed(since: later)).story == "claimed")
    }

    @Test("is taken as it is once it has been waited for long enough")
    func takenAsItIs() throws {
        let bench = try Bench()
        try bench.put("{", "incoming/inv-1.json")
        #expect(try bench.claim("inv-1.json", evenIfIncomplete: true).story == "claimed")
        #expect(bench.files == ["processing/inv-1.json"])
    }

    @Test("goes back to wait for its rest if a power cut kept its claim and lost its bytes")
    func putBack() throws {
        let bench = try Bench()
        try bench.put("", "processing/inv-1.json")
        #expect(try bench.load("inv-1").story == "vanished")
        #expect(bench.files == ["incoming/inv-1.json"])
        try bench.put("", "processing/inv-2.json")
        try bench.put(Bench.paid, "incoming/inv-2.json")
        #expect(try bench.load("inv-2").story == "rejected: incomplete")
    }

    @Test("leaves a taken key alone while it is cut off")
    func incompleteOfTakenKey() throws {
        let bench = try Bench()
        try bench.settle("inv-1", in: .done)
        try bench.put(#"{"customer_id""#, "incoming/inv-1.json")
        let before = bench.files
        #expect(try bench.claim("inv-1.json").story == "incomplete")
        #expect(bench.files == before)
    }
}

@Suite("What is no regular file")
struct NotARequestTests {
    @Test("a symlink is never followed, not even to a request")
    func symlink() throws {
        let bench = try Bench()
        try bench.put(Bench.paid, "tmp/target")
        try FileManager.default.createSymbolicLink(
            atPath: bench.scratch.path("spool/incoming/a.json"), withDestinationPath: "../tmp/target")
        #expect(try bench.claim("a.json").story == "refused: it is not a regular file")
        #expect(bench.files == ["incoming/a.json", "tmp/target"])
    }

    @Test("a FIFO does not block, a directory does not confuse")
    func others() throws {
        let bench = try Bench()
        #expect(mkfifo(bench.scratch.path("spool/incoming/a.json"), 0o600) == 0)
        try FileManager.default.createDirectory(
            atPath: bench.scratch.path("spool/incoming/b.json"), withIntermediateDirectories: false)
        #expect(try bench.claim("a.json").story == "refused: it is not a regular file")
        #expect(try bench.claim("b.json").story == "refused: it is not a regular file")
    }

    @Test("in processing/ it is rejected instead of read")
    func inProcessing() throws {
        let bench = try Bench()
        try bench.put(Bench.paid, "tmp/target")
        try FileManager.default.createSymbolicLink(
            atPath: bench.scratch.path("spool/processing/a.json"), withDestinationPath: "../tmp/target")
        #expect(try bench.load("a").story == "rejected: unreadable")
    }
}
