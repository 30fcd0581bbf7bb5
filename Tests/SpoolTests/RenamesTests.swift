import Files
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Spool

@Suite("How names are protected")
struct RenamesTests {
    @Test("is judged by a free and a taken name: FUSE refuses the one and answers the other")
    func judged() {
        let works: () -> String? = { nil }
        #expect(Spool.Renames.judge(fresh: nil, taken: .fileExists, link: works) == .atomic)
        #expect(Spool.Renames.judge(fresh: .invalidArgument, taken: .fileExists, link: works) == .links)
        #expect(Spool.Renames.judge(fresh: .invalidArgument, taken: .invalidArgument, link: works) == .links)
        #expect(
            Spool.Renames.judge(fresh: .invalidArgument, taken: .fileExists) { "no links" }
                == .none(because: "no links"))
        for (fresh, taken): (Errno?, Errno?) in [(nil, nil), (.readOnlyFileSystem, .readOnlyFileSystem)] {
            guard case .none = Spool.Renames.judge(fresh: fresh, taken: taken, link: works) else {
                Issue.record("\(String(describing: fresh)) counts as safe")
                continue
            }
        }
    }

    @Test("is tried with files that are gone afterwards, whatever a crash left of the trial before")
    func tried() throws {
        let scratch = try ScratchDirectory()
        let spool = try Spool.create(FilePath(scratch.path("spool")))
        let before = Set(try spool.own.names())
        for name in ["a", "b", "c"] { try scratch.write("", to: "spool/.billhook/probe-start-\(name).tmp") }
        #expect(try spool.tryRenames(mark: "start") == .atomic)
        #expect(Set(try spool.own.names()) == before)
    }

    @Test("by link where that was found to be the way, in every directory and what is opened in it")
    func byLink() throws {
        let scratch = try ScratchDirectory()
        let plain = try Spool.create(FilePath(scratch.path("spool")))
        let spool = try plain.moving(by: .links)
        #expect(
            Spool.movingDirectories.allSatisfy { spool[keyPath: $0].movesByLink && !plain[keyPath: $0].movesByLink })
        try spool.archive.make("2026-11-21")
        #expect(try spool.archive.directory("2026-11-21").movesByLink)
        for place in ["incoming/a.json", "incoming/b.json", "processing/b.json"] {
            try scratch.write(place, to: "spool/" + place)
        }
        #expect(try spool.incoming.moveAtOnce("a.json", to: spool.processing, as: "a.json") == nil)
        #expect(try spool.incoming.move("a.json", to: spool.processing, as: "a.json"))
        #expect(try !spool.incoming.contains("a.json"))
        #expect(try !spool.incoming.move("b.json", to: spool.processing, as: "b.json"))
        #expect(try String(decoding: scratch.read("spool/processing/b.json"), as: UTF8.self) == "processing/b.json")
        #expect(try plain.moving(by: .atomic).incoming.movesByLink == false)
    }

    @Test("in no way is no way to serve a spool")
    func unsafe() throws {
        let scratch = try ScratchDirectory()
        let path = FilePath(scratch.path("spool"))
        let spool = try Spool.create(path)
        let error = SpoolError.unsafeRenames(path, because: "a link replaced a file")
        #expect(throws: error) { _ = try spool.moving(by: .none(because: "a link replaced a file")) }
        #expect("\(error)".contains("without the danger of overwriting others: a link replaced a file. Put the spool"))
    }
}
