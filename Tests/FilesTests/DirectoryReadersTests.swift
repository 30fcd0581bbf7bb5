import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Files

@Suite("Several readers of one directory")
struct DirectoryReadersTests {
    @Test("meet each name once, or leave it to one where positions are no hashes", arguments: [1, 2, 16, 64])
    func anywhere(readers: Int) throws {
        let scratch = try ScratchDirectory()
        let directory = try Directory(FilePath(scratch.path))
        let made = try makeNames(0..<300, at: scratch.path)
        #expect(try met(directory, few: 10, readers: readers) == made)
    }

    @Suite("on ext4", .enabled(if: Ext4.objection == nil, "needs root, mkfs.ext4 and loop devices"))
    struct OnExt4 {
        @Test("meet each name once, be there many or none in a part", arguments: [1, 2, 16, 64], [1, 10, 100, 1000])
        func parts(readers: Int, count: Int) throws {
            let disk = try Ext4()
            let made = try makeNames(0..<count, at: disk.path)
            #expect(try met(disk.directory, few: 1, readers: readers) == made)
            #expect(disk.directory.seams(after: 1 << 40, readers).count == readers - 1)
        }

        @Test("meet what is left of many names once")
        func emptied() throws {
            let disk = try Ext4()
            let made = try makeNames(0..<1000, at: disk.path)
            let left = Set(made.sorted().enumerated().filter { $0.offset % 97 == 0 }.map(\.element))
            for name in made.subtracting(left) { unlink(disk.path + "/" + name) }
            #expect(try met(disk.directory, few: 1, readers: 16) == left)
        }

        @Test("divide nothing where names have no hashes")
        func linear() throws {
            let disk = try Ext4(["-O", "^dir_index"])
            let made = try makeNames(0..<300, at: disk.path)
            #expect(try met(disk.directory, few: 1, readers: 16) == made)
        }

        @Test("meet the names that stand throughout once while others come and go between them")
        func others() throws {
            let disk = try Ext4()
            let standing = try makeNames(0..<100, at: disk.path)
            let isOver = Atomic(false)
            let path = disk.path + "/"
            let other = Thread {
                var round = 0
                while !isOver.load(ordering: .relaxed) {
                    let passing = (0..<100).map { path + longName(1000 + $0 + round % 7 * 100) }
                    for passer in passing { link(path + longName(0), passer) }
                    for passer in passing { unlink(passer) }
                    round += 1
                }
            }
            other.start()
            defer { isOver.store(true, ordering: .relaxed) }
            for _ in 0..<100 {
                #expect(try met(disk.directory, few: 1, readers: 32, where: standing.contains) == standing)
            }
        }

        @Test("end with what one of them is told to throw, and hand over nothing after it")
        func failure() throws {
            let disk = try Ext4()
            _ = try makeNames(0..<1000, at: disk.path)
            var count = 0
            #expect(throws: Errno.ioError) {
                try disk.directory.forEachName(few: 1, readers: 16) { (_, _) throws(Errno) in
                    count += 1
                    if count == 500 { throw Errno.ioError }
                }
            }
            #expect(count == 500)
        }
    }
}

/// The names that were met; one that was met twice is there with a mark.
private func met(
    _ directory: Directory, few: Int, readers: Int, where isAsked: (String) -> Bool = { $0 != "lost+found" }
) throws -> Set<String> {
    var met: Set<String> = []
    try directory.forEachName(few: few, readers: readers) { bytes, _ in
        let name = String(bytes)
        if isAsked(name), !met.insert(name).inserted { met.insert("twice: " + name) }
    }
    return met
}
