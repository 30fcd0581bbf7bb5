import Foundation
import Spool
import SystemPackage
import TestSupport
import Testing

@Suite("The lock of a spool")
struct SpoolLockTests {
    @Test("is had by one at a time; the second is told who has it")
    func second() throws {
        let scratch = try ScratchDirectory()
        let path = FilePath(scratch.path("spool"))
        let spool = try Spool.create(path)
        #expect(SpoolLock.currentHolder(of: spool) == nil)
        do {
            let lock = try SpoolLock(spool, holder: "process 42")
            #expect(SpoolLock.currentHolder(of: spool) == "process 42")
            #expect(throws: SpoolError.locked(path, holder: "process 42")) {
                _ = try SpoolLock(try Spool(path), holder: "process 43")
            }
            // Asking and failing have not taken it away.
            #expect(SpoolLock.currentHolder(of: spool) == "process 42")
            keep(lock)
        }
        #expect(SpoolLock.currentHolder(of: spool) == nil)
        let next = try SpoolLock(spool, holder: "7")
        #expect(SpoolLock.currentHolder(of: spool) == "7")
        keep(next)
    }

    @Test("left by a process that died means nothing")
    func leftBehind() throws {
        let scratch = try ScratchDirectory()
        let spool = try Spool.create(FilePath(scratch.path("spool")))
        try scratch.write("process 4711 with a longer name\n", to: "spool/.billhook/lock")
        #expect(SpoolLock.currentHolder(of: spool) == nil)
        let lock = try SpoolLock(spool, holder: "me")
        #expect(SpoolLock.currentHolder(of: spool) == "me")
        keep(lock)
    }

    @Test("is asked for without being made")
    func asking() throws {
        let scratch = try ScratchDirectory()
        let spool = try Spool.create(FilePath(scratch.path("spool")))
        _ = SpoolLock.currentHolder(of: spool)
        #expect(!FileManager.default.fileExists(atPath: scratch.path("spool/.billhook/lock")))
    }

    /// Marks that the lock is held up to here.
    private func keep(_ lock: consuming SpoolLock) {}
}
