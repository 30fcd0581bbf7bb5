/// What an exit code says: those of `sysexits.h`, and those with which a shell tells what became of a command.
struct ExitMeaning {
    let name: String
    let kind: ProcessorFailure.Kind
    /// The end of a sentence that begins with the program.
    let what: String
    /// A whole sentence: what to do.
    let action: String

    /// `nil` for a code that has no meaning that all programs share.
    init?(_ code: Int32) {
        if let known = Self.known[code] {
            self = known
        } else if let signal = Self.signal(of: code), let name = SignalMeaning(signal).name {
            let meaning = SignalMeaning(signal)
            self.init(
                "as a shell does for \(name)", .killed, "a command in it was ended by signal \(signal)\(meaning.what)",
                meaning.action)
        } else {
            return nil
        }
    }

    /// A shell exits with 128 and the number of the signal that ended its last command (POSIX, XCU 2.8.2).
    private static func signal(of code: Int32) -> Int32? {
        (129...159).contains(code) ? code - 128 : nil
    }

    private init(_ name: String, _ kind: ProcessorFailure.Kind, _ what: String, _ action: String) {
        self.name = name
        self.kind = kind
        self.what = what
        self.action = action
    }

    private static let known: [Int32: ExitMeaning] = [
        64: ExitMeaning(
            "EX_USAGE", .misconfigured, "it was not called as it wants to be",
            "Check --processor-argument; the invoice comes on standard input, its key as INVOICE_KEY, its id as"
                + " INVOICE_ID."),
        65: ExitMeaning(
            "EX_DATAERR", .refused, "it does not accept this invoice", "Correct the request in what it objects to."),
        66: ExitMeaning(
            "EX_NOINPUT", .misconfigured, "it lacks a file that it reads", "Put that file where the program expects it."
        ),
        67: ExitMeaning(
            "EX_NOUSER", .refused, "it does not know the customer or user",
            "Correct `customer_id` in the request, or make that customer known to the program."),
        68: ExitMeaning(
            "EX_NOHOST", .unavailable, "it does not know a host", "Check the names of the hosts that it calls."),
        69: ExitMeaning(
            "EX_UNAVAILABLE", .unavailable, "a service that it needs is not available",
            "Bring that service back; a program that exits with 75 instead is run again by itself."),
        70: ExitMeaning(
            "EX_SOFTWARE", .failed, "it found a fault in itself", "Have the program mended by whoever wrote it."),
        71: ExitMeaning(
            "EX_OSERR", .unavailable, "the system refused it something",
            "Check the machine's memory, processes and open files."),
        72: ExitMeaning(
            "EX_OSFILE", .misconfigured, "a file of the system is missing or not as it should be",
            "Install or restore that file."),
        73: ExitMeaning(
            "EX_CANTCREAT", .misconfigured, "it can't create a file",
            "Check the room, owner and mode of the directory that it writes to."),
        74: ExitMeaning(
            "EX_IOERR", .unavailable, "it could not read or write", "Check the disk and the network that it uses."),
        76: ExitMeaning(
            "EX_PROTOCOL", .unavailable, "another system did not answer as it should",
            "Check that system, and that both are of versions that go together."),
        77: ExitMeaning(
            "EX_NOPERM", .misconfigured, "it lacks a right",
            "Give the user that Billhook runs as the right that it needs."),
        78: ExitMeaning(
            "EX_CONFIG", .misconfigured, "its configuration is wrong", "Correct the configuration of the program."),
        126: ExitMeaning(
            "as a shell does", .misconfigured, "a command in it may not be executed",
            "Give that command the right to be executed (chmod a+x), or mend its first line."),
        127: ExitMeaning(
            "as a shell does", .misconfigured, "a command in it was not found",
            "Install that command, or put its directory into the PATH of Billhook."),
    ]
}
