import Glibc
import Testing

@testable import Watch

@Suite struct WatchErrorTests {
    @Test("the limits of inotify are told apart, and name the setting to raise")
    func limits() {
        let watches = WatchError.directory("/spool/incoming", number: ENOSPC)
        #expect(watches.code == .noWatchesLeft)
        #expect(
            watches.description == """
                Cannot watch the directory /spool/incoming: this user has no inotify watch left (No space left on \
                device). Raise fs.inotify.max_user_watches with sysctl, or stop another program that watches.
                """)
        let instances = WatchError.instance(number: EMFILE)
        #expect(instances.code == .noInstancesLeft)
        #expect(instances.description.contains("fs.inotify.max_user_instances"))
        #expect(WatchError.instance(number: ENFILE).code == .noDescriptorsLeft)
    }

    @Test(
        "a system error is a code a caller can act on",
        arguments: [
            (ENOENT, WatchError.Code.noSuchDirectory), (ENOTDIR, .notADirectory), (EACCES, .notPermitted),
            (EEXIST, .alreadyWatched), (ENAMETOOLONG, .unusablePath), (ENOMEM, .system),
        ])
    func codes(number: Int32, code: WatchError.Code) {
        let error = WatchError.directory("/spool", number: number)
        #expect(error.code == code)
        #expect(error.description.contains("/spool"))
    }

    @Test("an error without a number is still a whole sentence")
    func withoutNumber() {
        #expect(
            WatchError(.descriptorNotFound).description == """
                Cannot start watching: the inotify descriptor is not listed in /proc/self/fd. Check that /proc is mounted.
                """)
    }
}
