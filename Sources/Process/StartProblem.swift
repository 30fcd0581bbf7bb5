/// Why a program can't be started. All of these are matters of the machine and not of an invoice.
public enum StartProblem: Error, Sendable, Equatable {
    /// Nothing stands at its path, or in no directory of `PATH`.
    case notFound
    /// A part of its path, or the interpreter that it names, is forbidden, or its mode has no `x`.
    case notExecutable
    case isDirectory
    /// It is neither a regular file nor a directory.
    case notAFile
    /// Its first line names an interpreter that does not stand.
    case noInterpreter(String)
    /// It begins with neither `#!` nor what this machine runs.
    case notAProgram
    /// Somebody has it open for writing.
    case beingWritten
    /// The system has no room for another process: memory, process numbers or descriptors.
    case noRoom(String)
    /// What the system says of everything else.
    case other(String)
}

extension StartProblem {
    /// What is wrong, as the end of a sentence that begins with the program.
    public var problem: String {
        switch self {
        case .notFound: "was not found"
        case .notExecutable: "may not be executed"
        case .isDirectory: "is a directory"
        case .notAFile: "is not a file"
        case .noInterpreter(let name): "names the interpreter '\(name)' in its first line, which was not found"
        case .notAProgram: "is neither a script that begins with #! nor a program for this machine"
        case .beingWritten: "is being written"
        case .noRoom(let reason): "can't be started for want of room: \(reason)"
        case .other(let reason): "can't be started: \(reason)"
        }
    }

    /// A whole sentence: what to do.
    public var fix: String {
        switch self {
        case .notFound: "Install it, or correct --processor: give a name that stands in PATH, or a path."
        case .notExecutable:
            "Give the user that Billhook runs as the right to execute it (chmod a+x), and to search its directories."
        case .isDirectory: "Name the program in it with --processor."
        case .notAFile: "Name a program or a script with --processor."
        case .noInterpreter: "Install the interpreter, or correct the first line; it must not end in a carriage return."
        case .notAProgram: "Begin a script with a line such as #!/bin/sh; build a program for this machine."
        case .beingWritten: "Wait until it is written; replace a program by renaming the new one over it."
        case .noRoom: "Give the machine room: memory, processes (ulimit -u), open files (ulimit -n)."
        case .other: "See what the system says there, and try to run it by hand as Billhook's user."
        }
    }
}
