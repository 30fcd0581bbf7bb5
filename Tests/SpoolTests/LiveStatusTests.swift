import Files
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@Suite("What a daemon says of itself")
struct LiveStatusTests {
    private let scratch: ScratchDirectory
    private let spool: Spool

    init() throws {
        scratch = try ScratchDirectory()
        spool = try Spool.create(FilePath(scratch.path("spool")))
    }

    private func status(_ reason: String?, processID: Int32 = 7) -> LiveStatus {
        LiveStatus(
            at: Timestamp(seconds: 1_795_262_400, nanoseconds: 0), processID: processID, version: "1",
            isClaiming: reason == nil, reason: reason, inHand: 3, tally: [.init("done", 5), .init("dead", 1)],
            unwell: [
                .init(
                    "erp", failingSince: Timestamp(seconds: 1_795_262_000, nanoseconds: 0),
                    heldBackUntil: Timestamp(seconds: 1_795_262_401, nanoseconds: 0), isOnTrial: true),
                .init("shop", failingSince: nil, heldBackUntil: nil),
            ])
    }

    @Test("is read back as it was written, whether longer or shorter than the last")
    func published() throws {
        for reason in ["the disk is full", nil, String(repeating: "long ", count: 100), "short"] {
            try spool.publish(status(reason))
            #expect(spool.liveStatus(holder: "process 7") == status(reason))
        }
        #expect(try spool.own.names().count(where: { $0.starts(with: "status".utf8) }) == 2)
    }

    @Test(
        "tells who is held back at a moment: no more when a pause is over, but until a call has shown that it is well")
    func heldBack() {
        let until = Timestamp(seconds: 1_795_262_401, nanoseconds: 0)
        var status = status(nil)
        status.unwell = [
            .init("breaker", failingSince: nil, heldBackUntil: until, isOnTrial: true),
            .init("pause", failingSince: nil, heldBackUntil: until),
            .init("free", failingSince: until, heldBackUntil: nil),
        ]
        #expect(status.heldBack(at: until - .seconds(1)) == ["breaker": until, "pause": until])
        #expect(status.heldBack(at: until + .seconds(1)) == ["breaker": until + .seconds(1)])
    }

    @Test("counts only while the process that wrote it holds the lock")
    func holder() throws {
        try spool.publish(status(nil))
        #expect(spool.liveStatus(holder: nil) == nil)
        #expect(spool.liveStatus(holder: "process 8") == nil)
    }

    @Test("what is no status is none")
    func torn() throws {
        try spool.own.write("status.json", Array(#"{"at":"2026-"#.utf8), durably: false)
        #expect(spool.liveStatus(holder: "process 7") == nil)
    }
}
