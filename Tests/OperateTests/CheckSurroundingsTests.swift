import Files
import Glibc
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Operate

@Suite("check: what the spool stands on")
struct CheckSurroundingsTests {
    private func told(_ findings: [CheckFinding]) -> [String] {
        findings.map { "\($0.level) \($0.code) \($0.path)" }
    }

    @Test("directories that all may write are told of; incoming/ and tmp/ may be meant so")
    func modes() throws {
        let fixture = try SpoolFixture()
        for name in ["incoming", "processing", ".billhook"] { try fixture.setMode(name, 0o777) }
        try fixture.setMode("tmp", 0o1777)
        #expect(
            try fixture.found() == [
                "error world_writable .billhook/", "error world_writable processing/", "info world_writable tmp/",
                "warning world_writable incoming/",
            ])
    }

    @Test("a directory that this user can't use is an error")
    func rights() {
        #expect(told(CheckFolder(name: "done", mode: 0o500, isUsable: false).findings) == ["error not_usable done/"])
        let usable = CheckFolder(name: "dead", mode: 0o2770, isUsable: true)
        let locked = ["done", "hold"].map { CheckFolder(name: $0, mode: 0o500, isUsable: false) }
        #expect(usable.findings == [])
        #expect(told(CheckFolder.findings([usable] + locked)) == ["error not_usable done/", "error not_usable hold/"])
        #expect(told(CheckFolder.findings(locked)) == ["error not_usable ."])
    }

    @Test("a subscription with an error is one of the spool's")
    func badSubscription() throws {
        let fixture = try SpoolFixture()
        try fixture.scratch.write(#"{"url":"http://127.0.0.1:9/","tiemout":"5s"}"#, to: "spool/subscriptions/a.json")
        let finding = try #require(try fixture.checker.check(now: .now).findings.listed.first)
        #expect(finding.code == "bad_subscription")
        #expect(finding.path == "subscriptions/a.json")
        #expect(finding.message.contains("`tiemout`"))
        #expect(finding.advice == "Correct it. \(LastGoodVersion.sentence)")
    }

    @Test("a file that pauses or disables no subscription is told of, with the one that may be meant")
    func strayMarks() throws {
        let fixture = try SpoolFixture()
        try fixture.subscribe("shop")
        for name in ["shop.paused", "shpo.paused", "erp-north.disabled"] {
            try fixture.scratch.write("", to: "spool/subscriptions/\(name)")
        }
        let findings = try CheckSurroundings(spool: fixture.spool).findings()
        #expect(
            told(findings) == [
                "warning stray_mark subscriptions/shpo.paused",
                "warning stray_mark subscriptions/erp-north.disabled",
            ])
        #expect(findings.first?.advice == "Did you mean shop.paused? Rename it, or remove it.")
        #expect(findings.last?.advice == "Remove it, or give it the name of a subscription.")
    }

    @Test("a secret that all may read is told of, in the subscription or in its own file; one without is fine")
    func secrets() throws {
        let fixture = try SpoolFixture()
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        let files = [
            "a.json": #"{"url":"http://127.0.0.1:9/","secret":"\#(secret)"}"#,
            "b.json": #"{"url":"http://127.0.0.1:9/","secret_file":"b.secret"}"#,
            "b.secret": secret,
            "c.json": #"{"url":"http://127.0.0.1:9/"}"#,
            "d.json": #"{"url":"https://127.0.0.1:9/","client_cert":"d.pem","client_key":"d.key"}"#,
            "d.key": "a key",
        ]
        for (name, content) in files {
            try fixture.scratch.write(content, to: "spool/subscriptions/\(name)")
            try fixture.setMode("subscriptions/\(name)", 0o644)
        }
        #expect(
            try fixture.found()
                == ["a", "b", "d"].map { "warning open_secret subscriptions/\($0).json" })
        let report = try fixture.checker.check(now: .now)
        #expect(!report.text().contains("whsec_"))
        for name in files.keys { try fixture.setMode("subscriptions/\(name)", 0o600) }
        #expect(try fixture.found() == [])
    }

    @Test("leftovers in aside/ are the daemon's; what is no drop there is not")
    func aside() throws {
        let fixture = try SpoolFixture()
        try fixture.scratch.write("{}", to: "spool/.billhook/aside/a.json~0123abcd")
        try fixture.scratch.write("{}", to: "spool/.billhook/aside/notes")
        let expected = ["info aside .billhook/aside/a.json~0123abcd", "warning foreign .billhook/aside/notes"]
        #expect(try fixture.found() == expected)
        #expect(try fixture.checker.repair(now: .now).mended.count == 0)
        #expect(try fixture.stands(".billhook/aside/a.json~0123abcd"))
    }

    @Test("files in tmp/ older than 36 h are counted")
    func tmp() throws {
        let fixture = try SpoolFixture()
        for name in ["a", "b", "c"] { try fixture.scratch.write("", to: "spool/tmp/\(name)") }
        let now = Timestamp.now
        try fixture.setModified("tmp/a", to: now - .seconds(37 * 3600))
        try fixture.setModified("tmp/b", to: now - .seconds(37 * 3600))
        try fixture.setModified("tmp/c", to: now - .seconds(35 * 3600))
        let finding = try #require(try fixture.checker.check(now: now).findings.listed.first)
        #expect(finding.code == "old_tmp")
        #expect(finding.message.hasPrefix("2 files are older than 36 h"))
    }

    @Test("work that nobody serves is told of")
    func unserved() throws {
        let fixture = try SpoolFixture()
        try fixture.putProcessed("a", .processing)
        let unserved = try fixture.checker.check(now: .now)
        #expect(unserved.findings.lines == ["info unserved processing/"])
        let lock = try SpoolLock(fixture.spool, holder: "process 7")
        let served = try fixture.checker.check(now: .now)
        #expect(served.findings.lines == [])
        #expect(served.servedBy == "process 7")
        _ = consume lock
    }

    @Test("a file system that is short of space or inodes is told of; one without inodes of its own is not")
    func room() {
        let full = DiskRoom(freeBytes: 49, bytes: 1000, freeInodes: 4, inodes: 100)
        #expect(told(full.findings) == ["warning little_space .", "warning few_inodes ."])
        #expect(DiskRoom(freeBytes: 50, bytes: 1000, freeInodes: 5, inodes: 100).findings == [])
        #expect(DiskRoom(freeBytes: 50, bytes: 1000, freeInodes: 0, inodes: 0).findings == [])
        #expect(DiskRoom(freeBytes: .max, bytes: .max, freeInodes: .max, inodes: .max).findings == [])
    }

    @Test("a clock that is more than two seconds off is told of, in either direction")
    func clock() {
        let now = Timestamp(seconds: 1_800_000_000, nanoseconds: 0)
        func skew(_ span: Duration) -> String? {
            CheckSurroundings.skew(written: now + span, between: now, and: now).first?.message
        }
        #expect(skew(.seconds(2)) == nil)
        #expect(skew(.seconds(-2)) == nil)
        #expect(skew(.milliseconds(2001))?.contains("2001 ms ahead of this machine's clock") == true)
        #expect(skew(.milliseconds(-2001))?.contains("2001 ms behind this machine's clock") == true)
    }

    @Test("low limits on inotify are told of; unknown ones are not")
    func limits() {
        let low = CheckLimits(watches: 8, instances: 2, queuedEvents: 16)
        #expect(told(low.findings).count == 3)
        #expect(CheckLimits(watches: 8192, instances: 128, queuedEvents: 16_384).findings == [])
        #expect(CheckLimits(watches: nil, instances: nil, queuedEvents: nil).findings == [])
    }

    @Test("a file system in memory renames in one step, and the probe leaves nothing behind")
    func probe() throws {
        let fixture = try SpoolFixture()
        let before = try fixture.names(fixture.spool.own)
        let capabilities = SpoolCapabilities.probe(fixture.spool, watching: false)
        #expect(capabilities == SpoolCapabilities(renames: .atomic, changes: .unknown))
        #expect(try fixture.names(fixture.spool.own) == before)
    }

    @Test("the machine tells its room and its limits in full")
    func host() throws {
        let fixture = try SpoolFixture()
        let host = CheckHost.measure(fixture.spool)
        let room = try #require(host.room)
        #expect(room.bytes > 0)
        #expect(room.freeBytes <= room.bytes)
        let file = try File.reading("max_queued_events", in: Directory("/proc/sys/fs/inotify"))
        let text = String(decoding: try file.read(upTo: 64, expecting: 64), as: UTF8.self)
        #expect(host.limits.queuedEvents.map { "\($0)\n" } == text)
    }

    @Test("a low limit of the machine is told in the report")
    func hostFinding() throws {
        let fixture = try SpoolFixture()
        let host = CheckHost(room: nil, limits: CheckLimits(watches: 8, instances: nil, queuedEvents: nil))
        let report = try Checker(fixture.spool, capabilities: SpoolFixture.capabilities, host: host).check(now: .now)
        #expect(report.findings.lines == ["warning inotify_limit /proc/sys/fs/inotify/max_user_watches"])
    }

    @Test("a spool that can't rename safely is an error of its own")
    func unsafeRenames() throws {
        let fixture = try SpoolFixture()
        let capabilities = SpoolCapabilities(
            renames: .none(because: "no links"), changes: .polling(because: "it is so"))
        let report = try Checker(fixture.spool, capabilities: capabilities, host: SpoolFixture.host).check(now: .now)
        #expect(report.findings.lines == ["error no_safe_rename ."])
        #expect(report.text().contains("no safe renames (no links), changes by polling (it is so)."))
    }
}
