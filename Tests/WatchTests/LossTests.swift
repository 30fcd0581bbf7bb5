import Glibc
import Testing
import Watch

extension WatcherStories {
    /// When a watched directory goes away.
    @Suite struct LossTests {
        @Test("a removed directory is lost, once, and can be watched again after it is made anew, any number of times")
        func removedAndMadeAnew() throws {
            let directory = try WatchedDirectory()
            // libinotifytools keeps the entry of a watch that has ended, and answers with the ended one when the same
            // name is registered again: events of the new directory came under an unknown watch.
            for round in 1...6 {
                try require(rmdir(directory.path) == 0)
                let isLoss = { (event: WatchEvent) in event == .lost(tag: directory.tag) }
                #expect(try directory.events(upTo: isLoss) == [.lost(tag: directory.tag)])

                try require(mkdir(directory.path, 0o755) == 0)
                try directory.watcher.add(.init(path: directory.path, tag: directory.tag, events: .arrivals))
                try require(mkfifo(directory.inside("\(round).json"), 0o644) == 0)
                #expect(try directory.eventsUntilNow() == [directory.arrived("\(round).json", .created)])
                try require(unlink(directory.inside("\(round).json")) == 0)
            }
        }

        @Test("a directory that is moved away is lost, and what happens in it later is not reported")
        func movedAway() throws {
            let directory = try WatchedDirectory()
            let elsewhere = directory.parent + "/elsewhere"
            try require(rename(directory.path, elsewhere) == 0)
            #expect(try directory.events { _ in true } == [.lost(tag: directory.tag)])
            try require(mkfifo(elsewhere + "/a.json", 0o644) == 0)

            try require(mkdir(directory.path, 0o755) == 0)
            try directory.watcher.add(.init(path: directory.path, tag: directory.tag, events: .arrivals))
            #expect(try directory.eventsUntilNow() == [])

            // Its old watch was ended: a second one of the same directory would be refused.
            try directory.watcher.add(.init(path: elsewhere, tag: directory.tag, events: .arrivals))
        }

        @Test("a directory that is removed while somebody has it open is lost when the last one has closed it")
        func removedWhileOpen() throws {
            let directory = try WatchedDirectory()
            let descriptor = open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            try require(descriptor >= 0)
            try require(rmdir(directory.path) == 0)
            var batch: [WatchEvent] = []
            try directory.watcher.next(timeout: .zero, into: &batch)
            #expect(!batch.contains(.lost(tag: directory.tag)))
            close(descriptor)
            #expect(try directory.events { _ in true } == [.lost(tag: directory.tag)])
        }
    }
}
