import Foundation

/// A system call that succeeded, or a flush that failed, as `strace -f -y` wrote it.
struct TracedCall {
    let name: String
    /// The paths that it names: for a call on an open file the one of that, else names put together with their directory.
    let paths: [String]
    /// Its arguments as they were written.
    let arguments: String
    let hasFailed: Bool

    /// The calls of a trace in the order in which they ended.
    static func all(in trace: String) -> [TracedCall] {
        var begun: [Substring: Substring] = [:]
        return trace.split(separator: "\n").compactMap { line in
            guard let match = line.wholeMatch(of: /(\d+) +(.*)/) else { return nil }
            let (thread, call) = (match.output.1, match.output.2)
            if call.hasSuffix(" <unfinished ...>") {
                begun[thread] = call.dropLast(" <unfinished ...>".count)
                return nil
            }
            guard let end = call.wholeMatch(of: /<\.\.\. \w+ resumed>(.*)/)?.output.1 else { return TracedCall(call) }
            return begun.removeValue(forKey: thread).flatMap { TracedCall($0 + end) }
        }
    }

    private init?(_ line: Substring) {
        guard let match = line.wholeMatch(of: /(\w+)\((.*)\) += (-?\d+).*/) else { return nil }
        name = String(match.output.1)
        hasFailed = match.output.3.hasPrefix("-")
        guard !hasFailed || name == "fsync" else { return nil }
        arguments = String(match.output.2)
        let takesNames = name.hasSuffix("at") || name == "renameat2"
        paths = takesNames ? TracedCall.names(in: arguments) : TracedCall.files(in: arguments)
    }

    private static func files(in arguments: String) -> [String] {
        arguments.firstMatch(of: /^\d+<([^>]*)>/).map { [String($0.output.1)] } ?? []
    }

    private static func names(in arguments: String) -> [String] {
        arguments.matches(of: /<([^>]*)>, "((?:[^"\\]|\\.)*)"/).map { match in
            match.output.2.hasPrefix("/") ? String(match.output.2) : "\(match.output.1)/\(match.output.2)"
        }
    }
}
