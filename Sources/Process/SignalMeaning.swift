/// What it says of a program that a signal ended it (`signal(7)`, the numbers of x86 and ARM).
struct SignalMeaning {
    /// `SIGKILL`; `nil` for a signal that has no fixed name.
    let name: String?
    /// The rest of the sentence, with its comma; may be empty.
    let what: String
    /// A whole sentence: what to do.
    let action: String

    init(_ signal: Int32) {
        name = Self.names[signal]
        switch signal {
        case 9:
            what = ", as the kernel does when memory runs out"
            action = "Look for it in the kernel's log (dmesg), give it more memory, or let it need less."
        case 4, 5, 6, 7, 8, 11:
            what = ", which is a crash"
            action = "Have the program mended by whoever wrote it."
        case 13:
            what = ", since it wrote to something that nobody read any more"
            action = "Let it end in good order when what it writes to is closed."
        case 14:
            what = ", an alarm that it had set itself"
            action = "Find out what it waited for, or let it wait longer."
        case 24, 25:
            what = ", a limit of the system on \(signal == 24 ? "processor time" : "the size of files")"
            action = "Raise that limit for Billhook (ulimit, or Limit… in its systemd unit), or let it need less."
        case 31:
            what = ", a system call that is forbidden to it"
            action = "Allow that call where Billhook is confined (seccomp, SystemCallFilter in its systemd unit)."
        case 1, 2, 3, 15:
            what = ", which somebody sent"
            action = "Find out who ended it; it can be run again as it is."
        default:
            what = ""
            action = "Find out who sent that signal; it can be run again as it is."
        }
    }

    private static let names: [Int32: String] = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
        9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
        16: "SIGSTKFLT", 24: "SIGXCPU", 25: "SIGXFSZ", 26: "SIGVTALRM", 27: "SIGPROF", 29: "SIGIO", 30: "SIGPWR",
        31: "SIGSYS",
    ]
}
