public import Files
public import Spool
internal import SystemPackage

/// What the machine gives a spool.
public struct CheckHost: Sendable, Equatable {
    /// `nil` if the file system does not tell.
    public let room: DiskRoom?
    public let limits: CheckLimits

    public init(room: DiskRoom?, limits: CheckLimits) {
        self.room = room
        self.limits = limits
    }

    /// Asks the spool's file system, and the kernel.
    public static func measure(_ spool: Spool) -> CheckHost {
        CheckHost(room: try? spool.own.room(), limits: .current())
    }

    var findings: [CheckFinding] { (room?.findings ?? []) + limits.findings }
}

extension CheckLimits {
    fileprivate static func current() -> CheckLimits {
        let directory = try? Directory("/proc/sys/fs/inotify")
        func read(_ name: String) -> Int? {
            // A file in /proc/sys says that it is empty, and gives what it has to the first read only.
            guard let directory, let file = try? File.reading(name, in: directory),
                let content = try? file.read(upTo: 64, expecting: 64)
            else { return nil }
            return Int(String(decoding: content.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
        }
        return CheckLimits(
            watches: read("max_user_watches"), instances: read("max_user_instances"),
            queuedEvents: read("max_queued_events"))
    }
}
