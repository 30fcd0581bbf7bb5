import Foundation
import Glibc
import Testing
import Watch

extension WatcherStories {
    /// Beginning and end. What can't be undone in a process happens in one of its own.
    @Suite struct LifeTests {
        @Test("a second watcher in one process is refused")
        func second() throws {
            _ = try sharedWatcher.get()
            let error = #expect(throws: WatchError.self) { try Watcher() }
            #expect(error?.code == .alreadyUsed)
        }

        @Test("no descriptor of the watcher is inherited by a program that is started")
        func closeOnExec() throws {
            _ = try sharedWatcher.get()
            let instances = try inotifyInstances()
            #expect(!instances.isEmpty)
            for descriptor in instances { #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0) }
        }

        @Test("a closed watcher refuses everything, ends a wait, leaves no inotify instance, and can't be replaced")
        func closed() async {
            await #expect(processExitsWith: .success) {
                do {
                    let watcher = try Watcher([.init(path: "/dev/shm", tag: 1, events: [])])
                    #expect(try inotifyInstances().count == 1)
                    Thread { watcher.close() }.start()
                    var batch: [WatchEvent] = []
                    for _ in 1...2 {
                        let error = #expect(throws: WatchError.self) { try watcher.next(timeout: nil, into: &batch) }
                        #expect(error?.code == .closed)
                    }
                    watcher.close()
                    watcher.wake()
                    let error = #expect(throws: WatchError.self) {
                        try watcher.add(.init(path: "/tmp", tag: 2, events: .arrivals))
                    }
                    #expect(error?.code == .closed)
                }
                let error = #expect(throws: WatchError.self) { try Watcher() }
                #expect(error?.code == .alreadyUsed)
                let instances = try inotifyInstances()
                #expect(instances.isEmpty)
            }
        }

        @Test("a watcher that comes after 1,024 open files is refused instead of corrupting memory")
        func descriptorTooHigh() async {
            await #expect(processExitsWith: .success) {
                var limit = rlimit()
                try require(getrlimit(__rlimit_resource_t(7), &limit) == 0)  // 7: RLIMIT_NOFILE
                limit.rlim_cur = 2048
                try require(setrlimit(__rlimit_resource_t(7), &limit) == 0)
                while dup(0) < 1100 {}
                let error = #expect(throws: WatchError.self) { try Watcher() }
                #expect(error?.code == .descriptorTooHigh)
            }
        }

        @Test("a watcher without any descriptor left is refused, and allowed once there is one")
        func noDescriptor() async {
            await #expect(processExitsWith: .success) {
                var held: [Int32] = []
                while let last = Optional(dup(0)), last >= 0 { held.append(last) }
                let error = #expect(throws: WatchError.self) { try Watcher() }
                #expect(error?.code == .noDescriptorsLeft)
                for descriptor in held { close(descriptor) }
                #expect(throws: Never.self) { try Watcher() }
            }
        }

        @Test("a start with a directory that can't be watched leaves no inotify instance")
        func failedStart() async {
            await #expect(processExitsWith: .success) {
                let interest = Watcher.Interest(path: "/no/such/directory", tag: 1, events: .arrivals)
                let error = #expect(throws: WatchError.self) { try Watcher([interest]) }
                #expect(error?.code == .noSuchDirectory)
                let instances = try inotifyInstances()
                #expect(instances.isEmpty)
            }
        }
    }
}

/// Not the number of all descriptors: the runtime opens some of its own when it likes.
private func inotifyInstances() throws -> [Int32] {
    let directory = "/proc/self/fd/"
    return try FileManager.default.contentsOfDirectory(atPath: directory).compactMap { Int32($0) }.filter {
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: directory + String($0))
        return target == "anon_inode:inotify"
    }
}
