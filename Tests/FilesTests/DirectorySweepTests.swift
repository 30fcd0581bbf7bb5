import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Files

@Suite("A walk of several readers, a round at a time")
struct DirectorySweepTests {
    @Test("meets each name once, or leaves it to one where positions are no hashes", arguments: [1, 8], [1, 7, 1000])
    func anywhere(readers: Int, limit: Int) throws {
        let scratch = try ScratchDirectory()
        let made = try makeNames(0..<300, at: scratch.path)
        let sweep = try DirectorySweep(Directory(FilePath(scratch.path)), few: 10, readers: readers)
        #expect(try names(sweep, limit).sorted() == made.sorted())
    }

    @Test("is over at once in an empty directory")
    func empty() throws {
        let scratch = try ScratchDirectory()
        let sweep = try DirectorySweep(Directory(FilePath(scratch.path)))
        #expect(try sweep.next(100) { String($0) } == [])
        #expect(sweep.isOver)
        #expect(try sweep.next(100) { String($0) } == [])
    }

    @Suite("on ext4", .enabled(if: Ext4.objection == nil, "needs root, mkfs.ext4 and loop devices"))
    struct OnExt4 {
        @Test("meets each name once, be there many or none in a part", arguments: [1, 8, 64], [1, 10, 1000])
        func parts(readers: Int, count: Int) throws {
            let disk = try Ext4()
            let made = try makeNames(0..<count, at: disk.path)
            for limit in [1, 50, 10_000] {
                let sweep = try DirectorySweep(disk.directory, few: 1, readers: readers)
                #expect(try names(sweep, limit).sorted() == made.sorted())
            }
        }

        @Test("looks on several threads")
        func threads() throws {
            let disk = try Ext4()
            _ = try makeNames(0..<1000, at: disk.path)
            let sweep = try DirectorySweep(disk.directory, few: 1, readers: 2)
            _ = try sweep.next(1) { _ in true }
            let threads = Mutex<Set<pthread_t>>([])
            let patience = Atomic(1_000_000)
            _ = try sweep.next(800) { _ in
                threads.withLock { _ = $0.insert(pthread_self()) }
                while threads.withLock({ $0.count }) == 1, patience.load(ordering: .relaxed) > 0 {
                    patience.subtract(1, ordering: .relaxed)
                    sched_yield()
                }
                return true
            }
            #expect(threads.withLock { $0.count } == 2)
        }

        @Test("meets the names that stand throughout once while others come and go between its rounds")
        func others() throws {
            let disk = try Ext4()
            let standing = try makeNames(0..<200, at: disk.path)
            let path = disk.path + "/"
            for round in 0..<20 {
                let sweep = try DirectorySweep(disk.directory, few: 1, readers: 16)
                var met: [String] = []
                while !sweep.isOver {
                    met += try sweep.next(32) { String($0) }
                    let passing = (0..<50).map { path + longName(1000 + $0 + round % 7 * 100) }
                    for passer in passing { link(path + longName(0), passer) }
                    for passer in passing.shuffled().dropFirst(10) { unlink(passer) }
                }
                #expect(met.filter(standing.contains).sorted() == standing.sorted())
            }
        }

        @Test("throws what a look throws")
        func failure() throws {
            let disk = try Ext4()
            _ = try makeNames(0..<1000, at: disk.path)
            let sweep = try DirectorySweep(disk.directory, few: 1, readers: 8)
            let first = try sweep.next(1) { String($0) }
            let bad = longName(first == [longName(500)] ? 501 : 500)
            #expect(throws: Errno.ioError) {
                while !sweep.isOver {
                    _ = try sweep.next(100) { name throws(Errno) in
                        if String(name) == bad { throw Errno.ioError }
                        return true
                    }
                }
            }
        }
    }
}

private func names(_ sweep: DirectorySweep, _ limit: Int) throws -> [String] {
    var names: [String] = []
    while !sweep.isOver { names += try sweep.next(limit) { String($0) == "lost+found" ? nil : String($0) } }
    return names
}
