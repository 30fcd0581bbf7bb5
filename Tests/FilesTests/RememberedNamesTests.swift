import Foundation
import TestSupport
import Testing

@testable import Files

@Suite("A directory that remembers its names")
struct RememberedNamesTests {
    private let room: Room
    private let directory: Directory

    init() throws {
        room = try Room()
        directory = room.from.rememberingNames(quietFor: .milliseconds(50))
    }

    /// Waits until names are answered from memory; `false` where this file system is not trusted to show each change.
    private func isRemembering() throws -> Bool {
        guard directory.remembered != nil else { return false }
        try eventually("the names are remembered") { directory.listing() != nil }
        return true
    }

    @Test("sees at once what comes and goes, however long nothing did")
    func changes() throws {
        for turn in 0..<8 {
            _ = try isRemembering()
            #expect(try directory.contains("a") == false)
            try room.put("content", "from/a")
            #expect(try directory.contains("a"), "turn \(turn), come")
            _ = try isRemembering()
            #expect(try directory.contains("a"))
            #expect(try directory.contains("b") == false)
            #expect(try directory.contains(anyOf: [FileName("b", ""), FileName("", "a")]))
            #expect(try directory.contains(anyOf: [FileName("b", ""), FileName("a", "a")]) == false)
            #expect(try room.from.move("a", to: room.to, as: "\(turn)"))
            #expect(try directory.contains("a") == false, "turn \(turn), gone")
            #expect(try room.to.move("\(turn)", to: room.from, as: "a"))
            #expect(try directory.contains("a"), "turn \(turn), back")
            try room.from.remove("a")
        }
    }

    @Test("sees what came while its time was set back by hand")
    func touched() throws {
        let long = Date(timeIntervalSince1970: 1_000_000_000)
        let path = room.scratch.path("from")
        try FileManager.default.setAttributes([.modificationDate: long], ofItemAtPath: path)
        _ = try isRemembering()
        try room.put("content", "from/a")
        try FileManager.default.setAttributes([.modificationDate: long], ofItemAtPath: path)
        #expect(try directory.contains("a"))
    }

    @Test("does not keep the names of a large one, and finds them all the same")
    func large() throws {
        for number in 0...RememberedNames.most { try room.put("", "from/\(number)") }
        guard directory.remembered != nil else { return }
        let quiet = ContinuousClock.now + .milliseconds(100)
        try eventually("it has been quiet for long enough") { ContinuousClock.now > quiet }
        #expect(directory.listing() == nil)
        #expect(try directory.contains("0") && !directory.contains("nobody"))
    }
}
