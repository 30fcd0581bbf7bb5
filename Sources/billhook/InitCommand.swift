import ArgumentParser
import JSON
import Operate
import Spool
import SystemPackage

/// `billhook init`
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Makes a spool.",
        discussion: """
            Makes the directory, and in it incoming/, processing/, done/, dead/, hold/, archive/, subscriptions/ and tmp/. A \
            spool that stands already is left as it is.
            """)

    @OptionGroup var spool: SpoolOption

    @Option(
        name: .long,
        help: """
            Where a request's idempotency key comes from: 'name', the file's name; 'content', the SHA-256 of the JSON, in \
            whatever way it is written; or 'field:NAME', a field of the request. It can't be changed later.
            """)
    var keyFrom: String?

    @OptionGroup var output: OutputOption

    func run() throws {
        try Sysexit.mapping {
            let (made, isNew) = try SpoolAccess.create(FilePath(spool.path), keySource: try keySource())
            if output.json {
                var writer = JSONWriter()
                writer.beginObject()
                writer.member("spool", made.path.string)
                writer.member("created", isNew)
                writer.member("id", made.id)
                writer.member("key_from", made.keySource.description)
                writer.endObject()
                writer.endLine()
                try Output.write(writer.bytes)
            } else if isNew {
                let name = made.keySource == .name ? "KEY.json" : "ANYTHING.json"
                try Output.line("Made the spool \(made.path). Drop requests as \(made.path)/incoming/\(name).")
            } else {
                try Output.line("The spool \(made.path) stands already; nothing was changed.")
            }
        }
    }

    private func keySource() throws(OperateError) -> KeySource? {
        guard let keyFrom else { return nil }
        guard let source = KeySource(keyFrom) else {
            throw OperateError(
                .usage,
                "--key-from takes 'name', 'content' or 'field:NAME' (NAME of 1 to 200 bytes), not"
                    + " '\(DropName.legible(keyFrom))'.")
        }
        return source
    }
}
