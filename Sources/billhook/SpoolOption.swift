import ArgumentParser
import Operate

/// `--spool`, which every command has.
struct SpoolOption: ParsableArguments {
    @Option(name: .customLong("spool"), help: "The spool's directory.")
    var path: String = Environment.value("SPOOL") ?? SpoolCommands.defaultPath
}
