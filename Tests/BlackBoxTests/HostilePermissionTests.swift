import Foundation
import TestSupport
import Testing

@Suite("A drop that is not permitted", .serialized)
struct HostilePermissionTests {
    @Test(
        "of a file that it may not read or move is told of, and stops nobody else",
        .enabled(if: getuid() == 0, "needs chown"), arguments: ["000", "foreign", "sticky"])
    func unprivileged(what: String) throws {
        let spool = try TestSpool()
        if what == "sticky" { try spool.shell("chmod 1777 incoming") }
        try spool.shell("chown -R 65534:65534 . && chmod 1777 incoming tmp")
        if what == "sticky" { try spool.shell("chown 0:0 incoming && touch .x && rm .x") }
        let daemon = try Spawn(
            "/usr/bin/setpriv",
            ["--reuid", "65534", "--regid", "65534", "--clear-groups", Daemon.binary, "run", "--spool", spool.path]
                + ["--quiet-period", "50ms", "--log-level", "debug"],
            output: spool.scratch.path("daemon.out"), errors: spool.scratch.path("daemon.log"))
        try eventually("it is ready", orElse: spool.listing()) { Daemon.log(of: spool).contains(" ready: ") }
        let owner = what == "000" ? "65534" : "12345"
        try spool.shell(
            "echo '\(TestSpool.request)' > tmp/u && chown \(owner) tmp/u && chmod \(what == "000" ? "000" : "644") tmp/u"
                + " && mv tmp/u incoming/u.json")
        try spool.shell("echo '\(TestSpool.request)' > tmp/g && chown 65534 tmp/g && mv tmp/g incoming/healthy.json")
        try spool.wait(for: "done/healthy.json")
        switch what {
        case "000":
            try spool.wait(for: "dead/u.json")
            #expect(try spool.object("dead/u.json.error").text("code") == "unreadable")
        case "foreign": try spool.wait(for: "done/u.json")
        default:
            #expect(spool.contains("incoming/u.json"))
            #expect(
                !Daemon.log(of: spool).contains("the spool refuses work"),
                "one file is not the spool: \(Daemon.log(of: spool))")
        }
        daemon.signal(SIGTERM)
        #expect(try daemon.wait() == 0)
        HostileDrop.count()
    }

    @Test(
        "that can't be moved at all is told of, and stops nobody else", .enabled(if: getuid() == 0, "needs chattr"),
        arguments: ["request", "junk"])
    func immutable(what: String) throws {
        let name = what == "request" ? "stuck.json" : "stuck"
        let stage = try Stage {
            try $0.write(TestSpool.request, to: "incoming/\(name)")
            try $0.attemptShell("chattr +i incoming/\(name)")
        }
        defer { try? stage.spool.attemptShell("chattr -i incoming/\(name)") }
        // A file system without the attribute has no such file.
        guard !stage.spool.scratch.text("shell.out").contains("chattr") else { return }
        try stage.spool.submit("next")
        try stage.spool.wait(for: "done/next.json")
        #expect(try stage.daemon.terminate() == 0)
        #expect(!stage.daemon.log.contains("the spool refuses work"), "one file is not the spool: \(stage.daemon.log)")
        #expect(stage.daemon.log.contains(what == "request" ? "stuck:" : "incoming/stuck:"), "nobody is told")
        HostileDrop.count()
    }
}
