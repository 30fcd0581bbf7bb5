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
        help: "Where a request's idempotency key comes from. Only 'name', the file's name, is supported yet.")
    var keyFrom = "name"

    @OptionGroup var output: OutputOption

    func run() throws {
        try Sysexit.mapping {
            guard keyFrom == "name" else {
                throw OperateError(
                    .usage, "--key-from \(keyFrom) is not supported yet; leave it out, and name each file by its key.")
            }
            let (made, isNew) = try SpoolAccess.create(FilePath(spool.path))
            if output.json {
                var writer = JSONWriter()
                writer.beginObject()
                writer.member("spool", made.path.string)
                writer.member("created", isNew)
                writer.member("id", made.id)
                writer.endObject()
                writer.endLine()
                try Output.write(writer.bytes)
            } else if isNew {
                try Output.line("Made the spool \(made.path). Drop requests as \(made.path)/incoming/KEY.json.")
            } else {
                try Output.line("The spool \(made.path) stands already; nothing was changed.")
            }
        }
    }
}
