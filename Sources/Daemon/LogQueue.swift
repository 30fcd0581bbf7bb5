internal import DequeModule
internal import Logging
internal import Times

/// What is still to be written to standard error: lines in their order and, below them on a terminal, the bar of a batch job.
///
/// Decides what is kept and what is left out; it knows no thread and no descriptor.
struct LogQueue {
    /// The bytes that are kept: some ten thousand lines, more than a reader misses that is started again, and little beside
    /// what the daemon takes anyway.
    static let room = 1 << 20
    /// What is written at once, unless a single line is longer: `PIPE_BUF`, so that lines stay whole even where somebody else
    /// writes into the same pipe (`pipe(7)`).
    static let largestBatch = 4096
    /// Goes to the beginning of the line that the cursor stands in, and wipes it.
    private static let wipe = Array("\r\u{1B}[K".utf8)

    private let room: Int
    /// Whole lines, as many in each as are written at once.
    private var batches: Deque<[UInt8]> = []
    private var size = 0
    private var leftOut = 0
    private var bar = ""
    private var isBarDue = false
    private var isBarDrawn = false

    init(room: Int = LogQueue.room) {
        self.room = room
    }

    /// Whether everything has been taken.
    var isEmpty: Bool { batches.isEmpty && leftOut == 0 && !isBarDue }

    /// Puts a line at the end. One that has no room is left out, and so are those after it until half of the room is free: a
    /// log with one large gap can be read, one with many small ones can't.
    mutating func put(_ line: String) {
        if leftOut == 0, size + line.utf8.count < room { append(line) } else { leftOut += 1 }
    }

    /// Shows a bar in the place of the last one, which need not have been drawn; none if it is empty.
    mutating func show(_ bar: String) {
        guard bar != self.bar else { return }
        self.bar = bar
        isBarDue = isBarDrawn || !bar.isEmpty
    }

    /// Takes what is to be written next, by one write; `nil` if there is nothing.
    mutating func take(at moment: @autoclosure () -> Timestamp) -> [UInt8]? {
        if leftOut > 0, size <= room / 2 {
            let lines = leftOut == 1 ? "1 line of the log was" : "\(leftOut) lines of the log were"
            append(LogLine(moment(), .warning, "\(lines) left out, since standard error took none").description)
            leftOut = 0
        }
        var text = batches.popFirst() ?? []
        size -= text.count
        if isBarDrawn, !text.isEmpty {
            text = LogQueue.wipe + text
            isBarDrawn = false
            isBarDue = !bar.isEmpty
        }
        if isBarDue, batches.isEmpty {
            text += LogQueue.wipe + bar.utf8
            isBarDrawn = !bar.isEmpty
            isBarDue = false
        }
        return text.isEmpty ? nil : text
    }

    private mutating func append(_ line: String) {
        let count = line.utf8.count + 1
        if batches.isEmpty || batches[batches.count - 1].count + count > LogQueue.largestBatch { batches.append([]) }
        batches[batches.count - 1] += line.utf8
        batches[batches.count - 1].append(UInt8(ascii: "\n"))
        size += count
    }
}
