import Spool
import Testing

@testable import Operate

@Suite("A command that people are advised to run")
struct SpoolCommandsTests {
    @Test("names the spool, unless commands find it by themselves")
    func named() {
        #expect(SpoolCommands(path: "spool").billhook("retry inv-7") == "billhook retry inv-7")
        #expect(
            SpoolCommands(path: "/var/spool/billhook").billhook("retry inv-7")
                == "billhook retry inv-7 --spool /var/spool/billhook")
    }

    @Test("names files from where the command was run")
    func files() throws {
        let commands = SpoolCommands(path: "s/")
        #expect(commands.file("dead/inv-7.json") == "s/dead/inv-7.json")
        let key = try #require(Key("inv-7"))
        #expect(commands.restore(key, "2026-11-21") == "mv -n s/archive/2026-11-21/inv-7.json* s/done/")
        #expect(SpoolCommands(path: "spool").free(key, .dead) == "rm spool/dead/inv-7.json*")
    }

    @Test(
        "can be pasted into a shell",
        arguments: [
            ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("~x", "'~x'"), ("a$b", "'a$b'"), ("größe", "größe"), ("", "''"),
        ])
    func quoted(path: String, quoted: String) {
        #expect(SpoolCommands(path: path).billhook("run") == "billhook run --spool \(quoted)")
    }
}
