import Foundation
import TestSupport

/// A daemon that sees an /etc/hosts and an /etc/resolv.conf of the story's own, in a mount namespace of its own.
enum PrivateNames {
    /// Why that can't be had; `nil` if it can.
    static let objection: String? = {
        if geteuid() != 0 { return "a mount namespace needs root" }
        let command = wrapper(hosts: "/etc/hosts", resolver: "/etc/resolv.conf") + ["/bin/true"]
        let status = try? Spawn(command[0], Array(command.dropFirst()), output: "/dev/null", errors: "/dev/null").wait()
        return status == 0 ? nil : "unshare(1) or mount(8) does not work here"
    }()

    /// What to put before the program.
    static func wrapper(hosts: String, resolver: String) -> [String] {
        [
            "/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c",
            #"mount --bind "$0" /etc/hosts && mount --bind "$1" /etc/resolv.conf && shift && exec "$@""#, hosts,
            resolver,
        ]
    }

    /// Starts a daemon for which these names have these addresses, and no others exist unless there is a resolver.
    static func daemon(_ spool: TestSpool, hosts: [String: [String]], resolver: String? = nil) throws -> Daemon {
        let lines = hosts.flatMap { name, addresses in addresses.map { "\($0) \(name)\n" } }
        try spool.scratch.write(lines.joined(), to: "hosts")
        try spool.scratch.write(
            "nameserver \(resolver ?? "127.0.0.1")\noptions timeout:30 attempts:1\n", to: "resolv.conf")
        return try Daemon(
            spool, through: wrapper(hosts: spool.scratch.path("hosts"), resolver: spool.scratch.path("resolv.conf")))
    }
}
