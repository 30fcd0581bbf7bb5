import Files
import Foundation
import SystemPackage
import TestSupport

/// A directory on a small ext4 of its own, which is gone with the last reference.
final class Ext4 {
    /// Why there can be none here; `nil` if there can.
    static let objection: String? = {
        if geteuid() != 0 { return "mounting needs root" }
        return access("/usr/sbin/mkfs.ext4", X_OK) == 0 && access("/dev/loop-control", R_OK | W_OK) == 0
            ? nil : "there is no mkfs.ext4 or no /dev/loop-control"
    }()

    private let scratch: ScratchDirectory
    let path: String
    let directory: Directory

    /// Makes the file system, with these options for mkfs.
    init(_ options: [String] = []) throws {
        scratch = try ScratchDirectory()
        path = scratch.path("disk")
        let (image, output) = (scratch.path("disk.img"), scratch.path("disk.out"))
        guard FileManager.default.createFile(atPath: image, contents: nil), truncate(image, 16 << 20) == 0 else {
            throw HarnessError("\(image) can't be made: \(String(cString: strerror(errno))).")
        }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        for command in [["/usr/sbin/mkfs.ext4", "-q"] + options + [image], ["/bin/mount", "-o", "loop", image, path]] {
            let status = try Spawn(command[0], Array(command.dropFirst()), output: output, errors: output).wait()
            guard status == 0 else {
                throw HarnessError("\(command[0]) ended with \(status): \(scratch.text("disk.out"))")
            }
        }
        directory = try Directory(FilePath(path))
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
    }
}
