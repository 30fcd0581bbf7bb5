/// Cuts a stream of bytes into lines, and keeps no more of it than one line may have.
struct LineSplitter {
    struct Line: Equatable {
        /// From 1, as editors count.
        let number: Int
        /// Without its line end; `nil` if the line was longer than it may be.
        let bytes: [UInt8]?
    }

    private let maximumBytes: Int
    private var rest: [UInt8] = []
    private var isTooLong = false
    private var number = 0

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// The lines that end in this chunk, blank ones left out.
    mutating func take(_ chunk: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var start = 0
        while let end = chunk[start...].firstIndex(of: UInt8(ascii: "\n")) {
            keep(chunk[start..<end])
            if let line = endLine() { lines.append(line) }
            start = end + 1
        }
        keep(chunk[start...])
        return lines
    }

    /// The last line, if the stream did not end with a line end.
    mutating func finish() -> Line? {
        rest.isEmpty && !isTooLong ? nil : endLine()
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        guard !isTooLong else { return }
        guard rest.count + bytes.count <= maximumBytes + 1 else {
            isTooLong = true
            rest.removeAll()
            return
        }
        rest += bytes
    }

    private mutating func endLine() -> Line? {
        number += 1
        defer {
            rest.removeAll(keepingCapacity: true)
            isTooLong = false
        }
        if isTooLong { return Line(number: number, bytes: nil) }
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        guard rest.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { return nil }
        return Line(number: number, bytes: rest)
    }
}
