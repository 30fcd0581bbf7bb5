import Foundation
import TestSupport

/// A file system in a file, mounted below a scratch directory, whose power can be cut.
final class PowerCutVolume {
    enum Kind: String, CaseIterable, Sendable {
        case ext4, xfs

        /// mkfs.xfs makes nothing smaller; the file is sparse.
        var bytes: off_t { self == .ext4 ? 64 << 20 : 320 << 20 }
    }

    let scratch: ScratchDirectory
    /// Where it is mounted.
    let path: String
    private let image: String
    private var isMounted = false

    /// Makes the file system and mounts it.
    init(_ kind: Kind, in scratch: ScratchDirectory) throws {
        self.scratch = scratch
        path = scratch.path("volume")
        image = scratch.path("volume.img")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        guard FileManager.default.createFile(atPath: image, contents: nil), truncate(image, kind.bytes) == 0 else {
            throw HarnessError("\(image) can't be made: \(String(cString: strerror(errno))).")
        }
        try run("/usr/sbin/mkfs.\(kind.rawValue)", ["-q", image])
        try mount()
    }

    deinit {
        unmount()
    }

    /// Mounts it; after a cut, the kernel replays its journal.
    func mount() throws {
        try run("/bin/mount", ["-o", "loop", image, path])
        isMounted = true
    }

    /// Unmounts it and detaches the loop device, whatever state it is in.
    func unmount() {
        guard isMounted else { return }
        isMounted = false
        do {
            try run("/bin/umount", [path])
        } catch {
            // Somebody still has a file of it open: it goes with the last one.
            _ = umount2(path, Int32(MNT_DETACH))
        }
    }

    /// Writes everything back, as if nothing had happened for a while.
    func sync() throws {
        try run("/bin/sync", ["-f", path])
    }

    private func run(_ program: String, _ arguments: [String]) throws {
        let output = scratch.path("volume.out")
        let status = try Spawn(program, arguments, output: output, errors: output).wait()
        guard status == 0 else {
            let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            throw HarnessError("\(program) \(arguments.joined(separator: " ")) ended with \(status): \(text)")
        }
    }

    /// Why there can be no cut here; `nil` if there can.
    static func objection(to kind: Kind) -> String? {
        if geteuid() != 0 { return "mounting needs root" }
        if access("/dev/loop-control", R_OK | W_OK) != 0 { return "there is no /dev/loop-control" }
        let program = "/usr/sbin/mkfs.\(kind.rawValue)"
        return access(program, X_OK) == 0 ? nil : "there is no \(program)"
    }
}
