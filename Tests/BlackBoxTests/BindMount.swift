import Foundation
import TestSupport

/// A spool on bindfs: a file system (FUSE) that has no rename without replacing, and so takes the way by link(2).
enum BindMount {
    /// Why there can be none here; `nil` if there can.
    static let objection: String? = {
        if access("/dev/fuse", R_OK | W_OK) != 0 { return "/dev/fuse can't be opened" }
        return program == nil ? "bindfs is not installed (apt-get install bindfs)" : nil
    }()

    private static let program = ["/usr/bin/bindfs", "/usr/local/bin/bindfs"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Mounts a directory of its own over the spool's, for as long as the story runs.
    static func withStage(
        _ arguments: [String] = [], _ story: (Stage) throws -> Void, prepare: (TestSpool) throws -> Void
    )
        throws
    {
        let mounted = Mounted()
        defer { mounted.unmount() }
        try mounted.run(arguments, story, prepare)
    }

    /// Keeps the scratch directory until nothing is mounted in it.
    private final class Mounted {
        private var scratch: ScratchDirectory?
        private var path: String?

        func run(_ arguments: [String], _ story: (Stage) throws -> Void, _ prepare: (TestSpool) throws -> Void) throws {
            let stage = try Stage(arguments) { spool in
                scratch = spool.scratch
                let output = spool.scratch.path("bindfs.out")
                let real = spool.scratch.path("real")
                try check(mkdir(real, 0o755), "mkdir")
                let status = try Spawn(
                    program ?? "", ["-o", "nonempty", real, spool.path], output: output, errors: output
                ).wait()
                guard status == 0 else { throw HarnessError("bindfs: \(spool.scratch.text("bindfs.out"))") }
                path = spool.path
                for name in TestSpool.directories { try check(mkdir(spool.path(name), 0o755), "mkdir") }
                try prepare(spool)
            }
            try story(stage)
            if stage.daemon.process.status == nil { try stage.daemon.kill9() }
        }

        func unmount() {
            guard let path else { return }
            let command = "umount -l '\(path)' || fusermount3 -uz '\(path)' || fusermount -uz '\(path)'"
            _ = try? Spawn("/bin/sh", ["-c", command], output: "/dev/null", errors: "/dev/null").wait()
        }
    }
}
