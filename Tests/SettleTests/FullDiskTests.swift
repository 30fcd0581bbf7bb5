import Deliver
import Foundation
import Settle
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@Suite("Recording on a full disk", .enabled(if: geteuid() == 0, "mounting a small disk needs root"))
struct FullDiskTests {
    private func mount(_ scratch: ScratchDirectory) throws -> String {
        let disk = scratch.path("disk")
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
        let arguments = ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk]
        let output = scratch.path("mount.out")
        guard try Spawn("/bin/mount", arguments, output: output, errors: output).wait() == 0 else {
            throw HarnessError(scratch.text("mount.out"))
        }
        return disk
    }

    /// Takes every block that is left.
    private func fill(_ disk: String) {
        let file = open(disk + "/ballast", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        defer { close(file) }
        let block = [UInt8](repeating: 0, count: 4096)
        while write(file, block, block.count) > 0 {}
    }

    @Test("takes back what the disk let through of a line, so that it is not torn and can be written again")
    func torn() throws {
        let scratch = try ScratchDirectory()
        let disk = try mount(scratch)
        let output = scratch.path("mount.out")
        defer { _ = try? Spawn("/bin/umount", ["--lazy", disk], output: output, errors: output).wait() }
        let spool = try Spool.create(FilePath(disk + "/spool"))
        let key = try #require(Key("k"))
        // The next line begins in the file's last block and ends in one that it can't have.
        let path = disk + "/spool/processing/k.json.attempts"
        let before = Data(repeating: UInt8(ascii: "\n"), count: 4090)
        try before.write(to: URL(fileURLWithPath: path))
        fill(disk)
        var commit = Commit(.process)
        let due = Timestamp(seconds: 1_800_000_000, nanoseconds: 0)
        #expect(throws: Errno.noSpace) {
            try Recorder(spool).record(
                [.round(kind: .retry, at: due)], for: key, closingTornLine: false, due: due, commit: &commit)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }
}
