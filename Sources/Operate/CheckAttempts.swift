internal import Deliver
internal import Spool

/// What is odd about the bytes of a `.attempts` file.
struct CheckAttempts: Equatable {
    /// The last line lacks its newline.
    let isTorn: Bool
    /// Ended lines that are no attempt and no mark.
    let strangeLines: Int
    /// The number of the first of them, from 1.
    let firstStrangeLine: Int?

    init(_ bytes: [UInt8]) {
        let newline = UInt8(ascii: "\n")
        isTorn = bytes.last.map { $0 != newline } ?? false
        var strange = 0
        var first: Int?
        let lines = bytes.split(separator: newline, omittingEmptySubsequences: false).dropLast()
        for (index, line) in lines.enumerated() where !line.isEmpty && AttemptLine.read(Array(line)) == nil {
            strange += 1
            if first == nil { first = index + 1 }
        }
        strangeLines = strange
        firstStrangeLine = first
    }

    func findings(_ name: String, in state: State) -> [CheckFinding] {
        let path = "\(state.rawValue)/\(name)"
        var findings: [CheckFinding] = []
        if isTorn {
            findings.append(
                CheckFinding(
                    .warning, "torn_line", path,
                    "The last line has no newline: a crash, or a full disk, cut off what was being appended.",
                    repair: .closeLine(name: name, in: state)))
        }
        if let firstStrangeLine {
            let count = strangeLines == 1 ? "One line is" : "\(strangeLines) lines are"
            findings.append(
                CheckFinding(
                    .info, "strange_line", path,
                    "\(count) no attempt and no mark, the first of them line \(firstStrangeLine); Billhook passes over"
                        + " them.",
                    advice: "A line that a crash tore stays so for good; nothing has to be done."))
        }
        return findings
    }
}
