import Files
import Foundation
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@Suite("Sidecars")
struct SidecarTests {
    let scratch: ScratchDirectory
    let spool: Spool
    let key: Key
    let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)

    init() throws {
        scratch = try ScratchDirectory()
        spool = try Spool.create(FilePath(scratch.path("spool")))
        key = try #require(Key("k"))
    }

    private func put(_ text: String, _ place: String) throws {
        try scratch.write(text, to: "spool/" + place)
    }

    private func text(_ place: String) throws -> String {
        String(decoding: try scratch.read("spool/" + place), as: UTF8.self)
    }

    @Test("are found in processing/ first and in incoming/ last")
    func order() throws {
        #expect(try spool.state(of: .invoice, key) == nil)
        for state in [State.incoming, .hold, .dead, .done, .processing] {
            try put("{}", "\(state)/k.json.invoice")
            #expect(try spool.state(of: .invoice, key) == state)
        }
        #expect(try spool.state(of: .invoice, key, in: [.hold, .dead]) == .hold)
    }

    @Test("an empty .invoice in processing/ is none, and one in done/ is")
    func unwritten() throws {
        try put("", "processing/k.json.invoice")
        #expect(try spool.state(of: .invoice, key) == nil)
        try put("", "done/k.json.invoice")
        #expect(try spool.state(of: .invoice, key) == .done)
    }

    @Test("in incoming/ do not take the key, nor does a request there")
    func request() throws {
        try put("", "incoming/k.json")
        #expect(try spool.stateOfRequest(key) == nil)
        try put("", "hold/k.json")
        #expect(try spool.stateOfRequest(key) == .hold)
    }

    @Test("are brought along, and what is in their way goes to the archive")
    func bring() throws {
        try put("new", "done/k.json.invoice")
        try put("old", "processing/k.json.invoice")
        #expect(try spool.bring(.invoice, key, from: .done, to: .processing, now: now))
        #expect(try text("processing/k.json.invoice") == "new")
        #expect(try text("archive/\(now.day)/k.json.invoice") == "old")
        #expect(try spool.bring(.invoice, key, from: .done, to: .processing, now: now) == false)
    }

    @Test("under two names as one file lose the old one")
    func twin() throws {
        try put("content", "done/k.json.invoice")
        try FileManager.default.linkItem(
            atPath: scratch.path("spool/done/k.json.invoice"),
            toPath: scratch.path("spool/processing/k.json.invoice"))
        #expect(try spool.bring(.invoice, key, from: .done, to: .processing, now: now))
        #expect(try spool.state(of: .invoice, key, in: [.done]) == nil)
        #expect(try text("processing/k.json.invoice") == "content")
        #expect(!FileManager.default.fileExists(atPath: scratch.path("spool/archive/\(now.day)")))
    }

    @Test("that a crash parted from their request are joined by it under its mark, if only their name was taken")
    func interruptedArchiveBesideStray() throws {
        let folder = scratch.path("spool/archive/\(now.day)")
        func names() throws -> Set<String> { Set(try FileManager.default.contentsOfDirectory(atPath: folder)) }
        try put("stray", "archive/\(now.day)/k.json.error")
        for suffix in ["", ".error"] { try put("new", "dead/k.json\(suffix)") }
        try spool.archive(key, from: .dead, now: now)
        let after = try names()
        let request = try #require(after.first { $0.hasSuffix(".json") })
        try FileManager.default.moveItem(atPath: "\(folder)/\(request)", toPath: scratch.path("spool/dead/k.json"))
        try spool.archive(key, from: .dead, now: now)
        #expect(try names() == after)
        #expect(after.count == 3 && request != "k.json")
    }

    @Test(
        "that a crash parted from their request in the archive are joined by it there, under its name or its mark",
        arguments: [false, true])
    func interruptedArchive(isTaken: Bool) throws {
        let folder = scratch.path("spool/archive/\(now.day)")
        func names() throws -> Set<String> { Set(try FileManager.default.contentsOfDirectory(atPath: folder)) }
        if isTaken {
            for suffix in ["", ".error"] { try put("old", "dead/k.json\(suffix)") }
            try spool.archive(key, from: .dead, now: now)
        }
        for suffix in ["", ".error"] { try put("new", "dead/k.json\(suffix)") }
        let before = isTaken ? try names() : []
        try spool.archive(key, from: .dead, now: now)
        let after = try names()
        // What the crash leaves: the sidecar is there, the request is not yet.
        let request = try #require(after.subtracting(before).first { $0.hasSuffix(".json") })
        try FileManager.default.moveItem(atPath: "\(folder)/\(request)", toPath: scratch.path("spool/dead/k.json"))
        try spool.archive(key, from: .dead, now: now + .seconds(1))
        #expect(try names() == after)
        #expect(after.count == (isTaken ? 4 : 2))
    }

    @Test(
        "go to the archive with their request, under one mark where a name is taken there",
        arguments: ["k", "k.json.x"])
    func archive(name: String) throws {
        let key = try #require(Key(name))
        let folder = scratch.path("spool/archive/\(now.day)")
        for round in 1...2 {
            for suffix in ["", ".invoice", ".attempts"] { try put("\(round)", "done/\(name).json\(suffix)") }
            try spool.archive(key, from: .done, now: now + .seconds(round))
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names.count == 6)
        let stems = Set(names.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) })
        #expect(stems.count == 2)
        #expect(stems.contains(name))
        for stem in stems {
            #expect(stem.hasPrefix(name))
            for suffix in ["", ".invoice", ".attempts"] {
                #expect(try text("archive/\(now.day)/\(stem).json\(suffix)") == (stem == name ? "1" : "2"))
            }
        }
        #expect(try spool.done.names().isEmpty)
    }

    @Test("of another request that stands in a state are told from those of a twin")
    func another() throws {
        try put("mine", "processing/k.json")
        #expect(try !spool.hasAnother(key, in: .done))
        try put("another", "done/k.json")
        #expect(try spool.hasAnother(key, in: .done))
        try FileManager.default.linkItem(
            atPath: scratch.path("spool/processing/k.json"), toPath: scratch.path("spool/dead/k.json"))
        #expect(try !spool.hasAnother(key, in: .dead))
    }
}

@Suite("What is written beside a request")
struct ErrorReportTests {
    let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)

    @Test("as .error is read back as it was written", arguments: [nil, #"a\x0a"#])
    func roundTrip(fileName: String?) {
        let report = ErrorReport(
            code: "conflict", message: "It \"failed\".", stage: .claim, hint: "Do better.\n", at: now,
            fileName: fileName, standardError: fileName == nil ? [] : ["a \"line\"", "\u{FFFD}"])
        #expect(ErrorReport(report.encoded()) == report)
        #expect(report.encoded().last == 10)
        #expect(report.encoded().filter { $0 == 10 }.count == 1)
    }

    @Test("as .error and torn by a crash is not believed")
    func torn() {
        let bytes = ErrorReport(code: "a", message: "b", stage: .deliver, hint: "c", at: now).encoded()
        for count in 0..<(bytes.count - 2) { #expect(ErrorReport(Array(bytes.prefix(count))) == nil) }
    }
}

@Suite("A group commit")
struct CommitTests {
    @Test(
        "keeps files open until it is flushed, and only if anything is flushed", arguments: [Durability.full, .process])
    func descriptors(durability: Durability) throws {
        let scratch = try ScratchDirectory()
        let spool = try Spool.create(FilePath(scratch.path("spool")))
        let isOpen = {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").contains {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))
                    == scratch.path("spool/done/a")
            }
        }
        var commit = Commit(durability)
        let file = try File.replacing("a", in: spool.done)
        try file.write([65])
        commit.add(file)
        commit.add(.done)
        #expect(try isOpen() == (durability == .full))
        try commit.flush(spool)
        #expect(try !isOpen())
        try commit.flush(spool)
        #expect(try scratch.read("spool/done/a") == [65])
    }
}
