import Files
import Glibc
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Operate

extension SpoolFixture {
    static let capabilities = SpoolCapabilities(renames: .atomic, changes: .inotify)

    /// A machine with room, whatever the one has that the tests run on.
    static let host = CheckHost(
        room: DiskRoom(freeBytes: 50, bytes: 100, freeInodes: 50, inodes: 100),
        limits: CheckLimits(watches: 8192, instances: 128, queuedEvents: 16_384))

    var checker: Checker { Checker(spool, capabilities: Self.capabilities, host: Self.host) }

    /// A second name for a file, as a move by link leaves it that a crash interrupted.
    func link(_ path: String, as newPath: String) throws {
        let result = Glibc.link(spool.path.appending(path).string, spool.path.appending(newPath).string)
        try #require(result == 0)
    }

    func move(_ path: String, to newPath: String) throws {
        let result = Glibc.rename(spool.path.appending(path).string, spool.path.appending(newPath).string)
        try #require(result == 0)
    }

    func setMode(_ path: String, _ mode: UInt32) throws {
        try #require(Glibc.chmod(spool.path.appending(path).string, mode) == 0)
    }

    func setModified(_ path: String, to moment: Timestamp) throws {
        let path = FilePath(path)
        let folder = try Directory(spool.path.appending(path.removingLastComponent().string))
        let file = try File.appending(try #require(path.lastComponent?.string), in: folder)
        try file.setModified(moment)
    }

    func text(_ path: String) throws -> String {
        String(decoding: try scratch.read("spool/" + path), as: UTF8.self)
    }

    /// What `check` says, each as `LEVEL CODE PATH`. That nobody serves a spool with work to do is left out.
    func found() throws -> [String] {
        try checker.check(now: .now).findings.lines.filter { !$0.hasSuffix(" unserved processing/") }
    }

    /// What `check --repair` repairs; afterwards, a check must find no error and no warning.
    func repaired() throws -> [String] {
        let report = try checker.repair(now: .now)
        #expect(report.findings.lines.filter { !$0.hasPrefix("info") } == [])
        #expect(try found().filter { !$0.hasPrefix("info") } == [])
        return report.mended.lines
    }
}

extension CheckList {
    var lines: [String] { listed.map { "\($0.level) \($0.code) \($0.path)" }.sorted() }
}
