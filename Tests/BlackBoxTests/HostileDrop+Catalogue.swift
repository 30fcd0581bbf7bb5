import Foundation
import TestSupport

extension HostileDrop {
    static let all = kinds + attributes + contents + names

    // MARK: What is no regular file

    static let kinds: [HostileDrop] = [
        HostileDrop("a symlink to /etc/passwd", "passwd.json", .refused) { _, path in
            try check(symlink("/etc/passwd", path), "symlink")
        },
        HostileDrop("a symlink to a good request", "inside.json", .refused) { spool, path in
            let target = try spool.scratch.write(TestSpool.request, to: "outside/request.json")
            try check(symlink(target, path), "symlink")
        },
        HostileDrop("a dangling symlink", "dangling.json", .refused) { _, path in
            try check(symlink("/nonexistent/billhook", path), "symlink")
        },
        HostileDrop("a symlink to itself", "loop.json", .refused) { _, path in
            try check(symlink("loop.json", path), "symlink")
        },
        HostileDrop("a symlink to a directory", "in.json", .refused) { spool, path in
            try spool.scratch.write(TestSpool.request, to: "folder/request.json")
            try check(symlink(spool.scratch.path("folder"), path), "symlink")
        },
        HostileDrop("a FIFO", "fifo.json", .refused) { _, path in try check(mkfifo(path, 0o666), "mkfifo") },
        HostileDrop("a unix socket", "socket.json", .refused) { _, path in try makeSocket(path) },
        HostileDrop("a character device", "device.json", .refused, needsRoot: true) { _, path in
            try check(mknod(path, S_IFCHR | 0o666, 0x103), "mknod")
        },
        HostileDrop("a block device", "disk.json", .refused, needsRoot: true) { _, path in
            try check(mknod(path, S_IFBLK | 0o666, 0x701), "mknod")
        },
        HostileDrop("an empty directory", "folder", .refused) { _, path in try check(mkdir(path, 0o777), "mkdir") },
        HostileDrop("a directory with the name of a request", "folder.json", .refused) { _, path in
            try check(mkdir(path, 0o777), "mkdir")
        },
        HostileDrop("a directory that holds a good request", "full.json", .refused) { _, path in
            try check(mkdir(path, 0o777), "mkdir")
            try Data(TestSpool.request.utf8).write(to: URL(fileURLWithPath: path + "/inner.json"))
        },
    ]

    private static func makeSocket(_ path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try check(result, "bind")
    }

    // MARK: What is odd about a regular file

    static let attributes: [HostileDrop] = [
        HostileDrop("a hard link to a file elsewhere", "linked.json", .done("linked")) { spool, path in
            try check(link(try spool.scratch.write(TestSpool.request, to: "outside/elsewhere"), path), "link")
        },
        HostileDrop("somebody else's file", "foreign.json", .done("foreign"), needsRoot: true) { _, path in
            try Data(TestSpool.request.utf8).write(to: URL(fileURLWithPath: path))
            try check(chown(path, 12345, 12345), "chown")
        },
        HostileDrop("a file that root may read though its mode is 000", "shut.json", .done("shut"), needsRoot: true) {
            _, path in
            try Data(TestSpool.request.utf8).write(to: URL(fileURLWithPath: path))
            try check(chmod(path, 0), "chmod")
        },
        HostileDrop("an executable, set-user-id file", "suid.json", .done("suid")) { _, path in
            try Data(TestSpool.request.utf8).write(to: URL(fileURLWithPath: path))
            try check(chmod(path, 0o6777), "chmod")
        },
        HostileDrop("a sparse file of 2 GiB", "sparse.json", .dead("sparse", code: "too_large")) { _, path in
            try Data(TestSpool.request.utf8).write(to: URL(fileURLWithPath: path))
            try check(truncate(path, 2 << 30), "truncate")
        },
        modified("in the year 1", -62_135_596_800), modified("in 1677", -9_223_372_037),
        modified("in 2262", 9_223_372_037), modified("in the year 9999", 253_402_300_799),
    ]

    private static func modified(_ when: String, _ seconds: Int) -> HostileDrop {
        HostileDrop("a file last changed \(when)", "time\(seconds).json", .done("time\(seconds)")) { _, path in
            try Data(TestSpool.request.utf8).write(to: URL(fileURLWithPath: path))
            let time = timespec(tv_sec: seconds, tv_nsec: 999_999_999)
            try check(
                [time, time].withUnsafeBufferPointer { utimensat(AT_FDCWD, path, $0.baseAddress, 0) }, "utimensat")
        }
    }

    // MARK: What a file may hold

    private static let limit = 1 << 20

    private static func padded(to count: Int) -> [UInt8] {
        let request = Array(TestSpool.request.utf8)
        return request + [UInt8](repeating: 0x20, count: count - request.count)
    }

    /// A good request with one more member.
    private static func extended(_ member: String) -> [UInt8] {
        Array(#"{"customer_id":"c-1","amount_cents":100,\#(member)}"#.utf8)
    }

    private static func malformed(_ story: String, _ key: String, _ content: [UInt8]) -> HostileDrop {
        file(story, key + ".json", .dead(key, code: "malformed_json"), content)
    }

    static let contents: [HostileDrop] = [
        file("exactly as many bytes as are allowed", "limit.json", .done("limit"), padded(to: limit)),
        file("one byte too many", "over.json", .dead("over", code: "too_large"), padded(to: limit + 1)),
        malformed("10,000 nested arrays", "nested", Array(String(repeating: "[", count: 10_000).utf8)),
        malformed(
            "10,000 closed nested arrays", "closed",
            extended(#""x":"# + String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000))),
        malformed("a name twice", "twice", extended(#""amount_cents":1"#)),
        malformed("a name twice, once in escapes", "escaped", extended(##""\u0061mount_cents":1"##)),
        malformed("1e400", "huge", extended(#""x":1e400"#)),
        malformed(
            "a number of a million digits", "digits", extended(#""x":"# + String(repeating: "9", count: 1_000_000))),
        malformed("NUL bytes", "nul", [UInt8](repeating: 0, count: 4096)),
        malformed("a NUL byte in the middle", "nulled", Array(TestSpool.request.utf8.prefix(8)) + [0, 0x7d]),
        malformed("bytes that are not UTF-8", "latin", extended(#""x":""#).dropLast() + [0xe9, 0x22, 0x7d]),
        malformed("an overlong UTF-8 sequence", "overlong", extended(#""x":""#).dropLast() + [0xc0, 0x80, 0x22, 0x7d]),
        malformed("a byte order mark", "bom", [0xef, 0xbb, 0xbf] + Array(TestSpool.request.utf8)),
        malformed("UTF-16", "utf16", Array(TestSpool.request.utf8).flatMap { [$0, 0] }),
        malformed("half of a surrogate pair", "half", extended(##""x":"\ud800""##)),
        malformed("a second document", "two", Array((TestSpool.request + TestSpool.request).utf8)),
        file("a million bytes of names", "names.json", .done("names"), manyNames()),
        file("a fraction of half a million digits", "long.json", .done("long"), extended(#""x":0."# + digits(500_000))),
        file(
            "escape sequences for a terminal", "ansi.json", .done("ansi"),
            extended(##""metadata":{"\u001b[2J\n":"\u0000\r\nINFO forged"}"##)),
        file(
            "escape sequences for a terminal where a value is wrong", "code.json",
            .dead("code", code: "invalid_field"), extended(##""currency":"\u001b]0;SECRET-PAYLOAD\n""##)),
        file(
            "an amount beyond 64 bits", "wide.json", .dead("wide", code: "invalid_field"),
            Array(#"{"customer_id":"c","amount_cents":9223372036854775808}"#.utf8)),
        file(
            "lines whose sum is beyond 64 bits", "sum.json", .dead("sum", code: "overflow"),
            Array(
                #"{"customer_id":"c","lines":[{"description":"d","quantity":9223372036854775807,"unit_amount_cents":9223372036854775807}]}"#
                    .utf8)),
    ]

    private static func digits(_ count: Int) -> String { String(repeating: "7", count: count) }

    private static func manyNames() -> [UInt8] {
        extended((0..<70_000).map { #""\#($0)":\#($0)"# }.joined(separator: ","))
    }

    // MARK: What a name may be

    private static let longest = String(repeating: "k", count: 200)

    static let names: [HostileDrop] = [
        named("a key of 200 bytes", longest + ".json", .done(longest)),
        named("a key of 201 bytes", longest + "k.json", .refused),
        named("a name of 255 bytes", String(repeating: "n", count: 250) + ".json", .refused),
        named("a name of 255 bytes without a suffix", String(repeating: "n", count: 255), .refused),
        named("a newline in the name", "a\nb.json", .refused),
        named("a forged log line in the name", "a\u{1b}[2K\rready: billhook.json", .refused),
        named("an option as a name", "-rf.json", .refused), named("--help", "--help", .refused),
        named("a format string as a name", "%n%s%x.json", .refused), named("a pattern", "*.json", .refused),
        named("a blank name", " ", .refused), named("a backslash", "\\.json", .refused),
        named("a command as a name", "$(reboot).json", .refused), named("a quote", "'\".json", .refused),
        named("letters beyond ASCII", "é.json", .refused), named("fullwidth digits", "\u{ff11}.json", .refused),
        named("bytes that are not UTF-8", [0xff, 0xfe] + Array(".json".utf8), .refused),
        named("a torn UTF-8 sequence at the end", Array("a.json".utf8) + [0xc3], .refused),
        named("the suffix in capitals", "a.JSON", .refused), named("no suffix", "request", .refused),
        named("the name of an operator event", "+event.json", .refused),
        named("the name of a refused file", "refused-00000000", .refused),
        named("a conflict's name without a hash", "k.conflict-.json", .refused),
        named("a conflict of a conflict", "k.conflict-12345678.conflict-12345678.json", .refused),
        named("a conflict's name for a free key", "free.conflict-12345678.json", .done("free")),
        named("two suffixes", "a.json.json", .done("a.json")),
        named("a key that ends in a dot", "a..json", .done("a.")),
        named("a sidecar's name as a key", "a.json.invoice.json", .done("a.json.invoice")),
        named("an invoice's name", "a.json.invoice", .left), named("an error's name", "a.json.error", .left),
        named("an attempt log's name", "a.json.attempts", .left), named("a dot-file", ".a.json", .left),
        named("nothing but the suffix", ".json", .left), named("a backup", "a.json~", .left),
        named("a file in transfer", "a.json.part", .left),
    ]
}
