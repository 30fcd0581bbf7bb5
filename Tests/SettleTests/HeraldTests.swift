import Deliver
import Files
import Foundation
import Settle
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@Suite("Raising an event")
struct HeraldTests {
    private static let request = #"{"customer_id":"c"}"#
    private let desk: Desk
    private let herald: Herald

    init() throws {
        desk = try Desk(durability: .full)
        herald = Herald(desk.spool, maximumBytes: 64)
        try desk.put(Self.request, "processing/k.json")
    }

    private func draft() throws -> EventDraft {
        try #require(try herald.failure(of: desk.key, desk.report, now: desk.now))
    }

    private func stage(_ draft: EventDraft) throws -> Herald.Staged? {
        var commit = Commit(desk.durability)
        let staged = try herald.stage(draft, commit: &commit)
        try commit.flush(desk.spool)
        return staged
    }

    private func publish(_ staged: Herald.Staged) throws -> Bool {
        var commit = Commit(desk.durability)
        let isNew = try herald.publish(staged, commit: &commit)
        try commit.flush(desk.spool)
        return isNew
    }

    @Test("puts its body under its name in processing/, with an empty .attempts beside it, and nothing before that")
    func raised() throws {
        let draft = try draft()
        let before = desk.files
        let staged = try #require(try stage(draft))
        #expect(desk.files == before)
        #expect(try publish(staged))
        let name = "processing/\(staged.key.fileName)"
        #expect(desk.files == before.union([name, name + ".attempts"]))
        #expect(try desk.text(name) == String(decoding: draft.body, as: UTF8.self))
        #expect(try desk.text(name + ".attempts") == "")
        #expect(try desk.spool.aside.names().isEmpty)
    }

    @Test("twice for the same cause gives one entry, wherever it stands by then", arguments: State.taking)
    func twice(state: State) throws {
        let staged = try #require(try stage(try draft()))
        // A crash came between the two steps: the cause is met again.
        #expect(try stage(try draft()) == staged)
        #expect(try publish(staged))
        let name = staged.key.fileName.text
        if state != .processing { try desk.move("processing/\(name)", "\(state.rawValue)/\(name)") }
        #expect(try stage(try draft()) == nil)
    }

    // A rename that is done by links and is cut off between the two leaves one file under both names.
    @Test("whose publishing a crash cut off in the middle leaves nothing aside, and is not written over")
    func halfPublished() throws {
        let draft = try draft()
        let staged = try #require(try stage(draft))
        let name = "\(staged.key)\(Herald.stagedSuffix)"
        try FileManager.default.linkItem(
            atPath: desk.scratch.path("spool/.billhook/aside/\(name)"),
            toPath: desk.scratch.path("spool/processing/\(staged.key.fileName)"))
        #expect(try stage(draft) == nil)
        #expect(try desk.spool.aside.names().isEmpty)
        #expect(try desk.text("processing/\(staged.key.fileName)") == String(decoding: draft.body, as: UTF8.self))
    }

    @Test("that somebody else has raised in the meantime leaves that one, and nothing aside")
    func overtaken() throws {
        let staged = try #require(try stage(try draft()))
        try desk.put("first", "processing/\(staged.key.fileName)")
        #expect(try publish(staged) == false)
        #expect(try desk.text("processing/\(staged.key.fileName)") == "first")
        #expect(try desk.spool.aside.names().isEmpty)
    }

    @Test("that a request failed is another event once the request is edited, and shows nothing of a large one")
    func edited() throws {
        let first = try draft()
        #expect(try draft().cause == first.cause)
        try desk.put(Self.request + " ", "processing/k.json")
        let second = try draft()
        #expect(second.cause != first.cause)
        #expect(String(decoding: second.body, as: UTF8.self).contains("request_sha256"))
        try desk.put(String(repeating: " ", count: 65), "processing/k.json")
        #expect(try !String(decoding: draft().body, as: UTF8.self).contains("request_sha256"))
        try desk.remove("processing/k.json")
        #expect(try herald.failure(of: desk.key, desk.report, now: desk.now) == nil)
    }

    @Test("a done entry is archived to the day of the event once the window has passed, its sidecar with it")
    func archived() throws {
        let staged = try #require(try stage(try draft()))
        #expect(try publish(staged))
        let name = staged.key.fileName.text
        for suffix in [".attempts", ""] { try desk.move("processing/\(name)\(suffix)", "done/\(name)\(suffix)") }
        let entry = try #require(try desk.spool.done.status(name))
        #expect(Archiver.key(ofDoneName: Array(name.utf8)) == staged.key)
        #expect(Archiver.key(ofDoneName: Array("\(name).attempts".utf8)) == nil)
        let archiver = Archiver(desk.spool, window: .seconds(7200))
        var commit = Commit(desk.durability)
        let early = entry.modified + .seconds(7199)
        #expect(try !archiver.mayBeDue(staged.key, now: early))
        #expect(try archiver.archive(staged.key, now: early, commit: &commit) == .tooEarly)
        let late = entry.modified + .seconds(7200)
        #expect(try archiver.mayBeDue(staged.key, now: late))
        #expect(try archiver.archive(staged.key, now: late, commit: &commit) == .archived(day: entry.modified.day))
        #expect(desk.files.contains("archive/\(entry.modified.day)/\(name)"))
        #expect(desk.files.contains("archive/\(entry.modified.day)/\(name).attempts"))
        #expect(!desk.files.contains { $0.hasPrefix("done/") })
    }
}
