import Foundation
import TestSupport

/// A file system of its own for one story, so small that it can be filled, mounted below a scratch directory and gone with
/// the story.
final class SmallDisk {
    enum Kind {
        /// In memory: the size in bytes and the number of inodes.
        case memory(bytes: Int, inodes: Int)
        /// An ext4 in a file, with these options for mkfs.
        case ext4(bytes: Int, [String])
    }

    /// Why there can be none here; `nil` if there can.
    static let objection: String? = {
        if geteuid() != 0 { return "mounting needs root" }
        return access("/usr/sbin/mkfs.ext4", X_OK) == 0 && access("/dev/loop-control", R_OK | W_OK) == 0
            ? nil : "there is no mkfs.ext4 or no /dev/loop-control"
    }()

    let spool: TestSpool
    private let kind: Kind
    private var isMounted = false

    /// Mounts it where the spool is to stand, and makes the spool's directories there.
    init(_ kind: Kind) throws {
        self.kind = kind
        spool = try TestSpool(path: "disk")
        try FileManager.default.createDirectory(atPath: spool.path, withIntermediateDirectories: false)
        if case .ext4(let bytes, let options) = kind {
            let image = spool.scratch.path("disk.img")
            guard FileManager.default.createFile(atPath: image, contents: nil), truncate(image, off_t(bytes)) == 0
            else {
                throw HarnessError("\(image) can't be made: \(String(cString: strerror(errno))).")
            }
            try run("/usr/sbin/mkfs.ext4", ["-q", "-m", "0"] + options + [image])
        }
        try mount()
        for name in TestSpool.directories {
            try FileManager.default.createDirectory(atPath: spool.path(name), withIntermediateDirectories: true)
        }
    }

    deinit {
        while isMounted { unmount(lazily: true) }
    }

    func mount() throws {
        switch kind {
        case .memory(let bytes, let inodes):
            try run("/bin/mount", ["-t", "tmpfs", "-o", "size=\(bytes),nr_inodes=\(inodes)", "tmpfs", spool.path])
        case .ext4: try run("/bin/mount", ["-o", "loop,errors=remount-ro", spool.scratch.path("disk.img"), spool.path])
        }
        isMounted = true
    }

    /// Has the kernel meet an error on an ext4, on which it makes the file system read-only for as long as it is mounted.
    func makeReadOnly() throws {
        try spool.shell("echo 1 > /sys/fs/ext4/$(basename $(findmnt -no SOURCE .))/trigger_fs_error")
    }

    /// Waits until nobody holds an unmounted ext4, and checks it.
    func check() throws {
        let image = spool.scratch.path("disk.img")
        try eventually("nobody holds the disk") {
            try spool.shell("cd / && losetup -j '\(image)' > '\(spool.scratch.path("losetup.out"))'")
            return spool.scratch.text("losetup.out").isEmpty
        }
        try spool.shell("fsck.ext4 -fy '\(image)' || [ $? -le 2 ]")
    }

    /// Lazily: it goes with the last descriptor that is open on it.
    func unmount(lazily: Bool) {
        isMounted = false
        _ = umount2(spool.path, lazily ? Int32(MNT_DETACH) : 0)
    }

    /// Writes until so little is free, into a file beside the spool's own.
    func fill(leaving rest: Int = 0) throws {
        let descriptor = open(spool.path(".ballast"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        for size in [1 << 20, 4096, 512] {
            let block = [UInt8](repeating: 1, count: size)
            while freeBytes - size >= rest, write(descriptor, block, size) == size {}
            if rest == 0 { while write(descriptor, block, size) == size {} }
            fsync(descriptor)
        }
        guard rest > 0 || errno == ENOSPC else {
            throw HarnessError("The disk is not full: \(String(cString: strerror(errno))).")
        }
    }

    private var freeBytes: Int {
        var raw = statvfs()
        return statvfs(spool.path, &raw) == 0 ? Int(raw.f_bavail) * Int(raw.f_frsize) : 0
    }

    /// Makes empty files until there is no inode left but so many.
    func fillInodes(leaving count: Int = 0) throws {
        try FileManager.default.createDirectory(atPath: spool.path(".inodes"), withIntermediateDirectories: true)
        var made: [String] = []
        while true {
            let path = spool.path(".inodes/\(made.count)")
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { break }
            close(descriptor)
            made.append(path)
        }
        guard errno == ENOSPC else { throw HarnessError("Inodes are left: \(String(cString: strerror(errno))).") }
        for path in made.suffix(count) { unlink(path) }
    }

    /// Links names into a directory until it takes none of the lengths that requests have: what is left in its blocks takes
    /// shorter ones for a while.
    func crowd(_ directory: String) throws {
        try spool.write("", to: ".seed")
        var number = 0
        for length in [240, 160, 100] {
            var refusals = 0
            while refusals < 200 {
                let name = "f\(number)" + String(repeating: "-", count: length - 7)
                number += 1
                if link(spool.path(".seed"), spool.path("\(directory)/\(name)")) == 0 {
                    refusals = 0
                } else if errno == ENOSPC {
                    refusals += 1
                } else {
                    throw HarnessError("\(name) can't be linked: \(String(cString: strerror(errno))).")
                }
            }
        }
    }

    /// A key as long as a key may be.
    func longKey(_ number: Int) -> String { "k\(number)" + String(repeating: "-", count: 190) }

    /// Makes room again.
    func empty() throws {
        try spool.shell("rm -rf .ballast .inodes")
    }

    private func run(_ program: String, _ arguments: [String]) throws {
        let output = spool.scratch.path("disk.out")
        let status = try Spawn(program, arguments, output: output, errors: output).wait()
        guard status == 0 else {
            throw HarnessError("\(program) ended with \(status): \(spool.scratch.text("disk.out"))")
        }
    }
}
