import Files
import Foundation
import Settle
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@Suite("Deleting from the archive")
struct ArchiveDeleterTests {
    private let desk: Desk

    init() throws {
        desk = try Desk()
    }

    private func run(after: Duration = .seconds(86_400), isDry: Bool = false, limit: Int = 4) throws -> [DeletionStep] {
        var deleter = ArchiveDeleter(desk.spool, after: after, isDry: isDry)
        var steps: [DeletionStep] = []
        while let step = try deleter.step(fromStart: steps.isEmpty, limit: limit, now: desk.now) {
            #expect(step.files <= limit)
            steps.append(step)
            try #require(steps.count < 100, "It does not come to an end.")
        }
        return steps
    }

    private func ended(_ steps: [DeletionStep]) -> [String] {
        steps.compactMap { step in
            switch step.outcome {
            case .goesOn: nil
            case .gone(let files): "\(step.day) gone with \(files)"
            case .left(let files, let reason): "\(step.day) left after \(files): \(reason)"
            }
        }
    }

    @Test("takes the earliest day first, a few files at a time, and leaves the days whose time has not come")
    func days() throws {
        for number in 0..<10 { try desk.put("x", "archive/2019-01-02/k\(number).json") }
        try desk.put("x", "archive/2019-01-01/k.json")
        // The moment is 2027-01-15T08:00:00Z.
        try desk.put("x", "archive/2027-01-13/k.json")
        try desk.put("x", "archive/2027-01-14/k.json")
        let steps = try run()
        #expect(
            ended(steps) == ["2019-01-01 gone with 1", "2019-01-02 gone with 10", "2027-01-13 gone with 1"])
        #expect(steps.map(\.files) == [1, 4, 4, 2, 1])
        #expect(desk.files.filter { $0.hasPrefix("archive") } == ["archive/2027-01-14/k.json"])
        #expect(try run().isEmpty)
    }

    @Test("leaves what it does not know, and the folder with it")
    func foreign() throws {
        for name in ["k.json", "k.json.invoice", "Read me.txt", ".nfs0001", "sub/k.json"] {
            try desk.put("x", "archive/2019-01-01/\(name)")
        }
        try desk.put("x", "archive/2019-01-01/dir.json/inner")
        #expect(ended(try run(limit: 2)).count == 1)
        let left: Set<String> = desk.files.filter { $0.hasPrefix("archive") }
        #expect(
            left == [
                "archive/2019-01-01/Read me.txt", "archive/2019-01-01/.nfs0001", "archive/2019-01-01/sub/k.json",
                "archive/2019-01-01/dir.json/inner",
            ])
    }

    @Test("follows no symbolic link, neither to a folder nor to a file")
    func links() throws {
        try desk.put("x", "outside/k.json")
        let archive = desk.scratch.path("spool/archive/")
        try FileManager.default.createSymbolicLink(
            atPath: archive + "2019-01-01", withDestinationPath: desk.scratch.path("spool/outside"))
        try desk.put("x", "archive/2019-01-02/other.json")
        try FileManager.default.createSymbolicLink(
            atPath: archive + "2019-01-02/k.json", withDestinationPath: desk.scratch.path("spool/outside/k.json"))
        #expect(
            ended(try run()) == [
                "2019-01-01 left after 0: it can't be opened (Not a directory)", "2019-01-02 gone with 2",
            ])
        #expect(try desk.text("outside/k.json") == "x")
    }

    @Test("only counts in a dry run")
    func dry() throws {
        for number in 0..<10 { try desk.put("x", "archive/2019-01-02/k\(number).json") }
        try desk.put("x", "archive/2019-01-03/notes.txt")
        let before = desk.files
        #expect(
            ended(try run(isDry: true)) == [
                "2019-01-02 gone with 10",
                "2019-01-03 left after 0: notes.txt in it is nothing that Billhook put there",
            ])
        #expect(desk.files == before)
    }

    @Test("goes on with the next day when somebody removes the folder under it")
    func removedMeanwhile() throws {
        for number in 0..<10 { try desk.put("x", "archive/2019-01-01/k\(number).json") }
        try desk.put("x", "archive/2019-01-02/k.json")
        var deleter = ArchiveDeleter(desk.spool, after: .zero)
        let first = try #require(try deleter.step(fromStart: true, limit: 4, now: desk.now))
        #expect(first.outcome == .goesOn)
        try desk.remove("archive/2019-01-01")
        var last = first
        while let step = try deleter.step(fromStart: false, limit: 4, now: desk.now) { last = step }
        #expect(last.day.name == "2019-01-02" && last.outcome == .gone(files: 1))
    }

    @Test("meets a file that is archived into the folder while it is being emptied")
    func filledMeanwhile() throws {
        for number in 0..<3 { try desk.put("x", "archive/2019-01-01/k\(number).json") }
        var deleter = ArchiveDeleter(desk.spool, after: .zero)
        #expect(try deleter.step(fromStart: true, limit: 3, now: desk.now)?.outcome == .goesOn)
        try desk.put("x", "archive/2019-01-01/late.json")
        var outcomes: [DeletionStep.Outcome] = []
        while let step = try deleter.step(fromStart: false, limit: 3, now: desk.now) { outcomes.append(step.outcome) }
        #expect(outcomes.last == .gone(files: 4))
        #expect(!FileManager.default.fileExists(atPath: desk.scratch.path("spool/archive/2019-01-01")))
    }
}
