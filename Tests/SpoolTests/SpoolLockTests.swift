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

    // With the lock on that file alone, a second daemon got a new file, and a lock of its own on it.
    @Test("is still held when somebody removes the file that names its holder", arguments: [false, true])
    func removed(isReplaced: Bool) throws {
        let scratch = try ScratchDirectory()
        let path = FilePath(scratch.path("spool"))
        let spool = try Spool.create(path)
        let lock = try SpoolLock(spool, holder: "process 42")
        try FileManager.default.removeItem(atPath: scratch.path("spool/.billhook/lock"))
        if isReplaced { try scratch.write("", to: "spool/.billhook/lock") }
        let holder = "another process (somebody removed .billhook/lock, which named it)"
        #expect(SpoolLock.currentHolder(of: spool) == holder)
        #expect(throws: SpoolError.locked(path, holder: holder)) { _ = try SpoolLock(spool, holder: "process 43") }
        keep(lock)
        #expect(SpoolLock.currentHolder(of: spool) == nil)
        let next = try SpoolLock(spool, holder: "process 44")
        #expect(SpoolLock.currentHolder(of: spool) == "process 44")
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
