internal import Times

/// A line that shows how far a batch job has come.
public enum ProgressBar {
    /// The line, at most `width` columns and without a line end.
    ///
    /// - Parameters:
    ///   - total: `nil` where it is not known; then no bar is drawn.
    ///   - rate: how many are done in a second; `nil` or 0 where it is not known yet.
    ///   - width: the terminal's columns.
    public static func line(done: Int, total: Int?, rate: Double?, width: Int) -> String {
        let speed = rate.flatMap { $0 > 0 ? "\(Int($0.rounded()))/s" : nil }
        guard let total, total > 0 else {
            return fit(["\(done)", speed].compactMap { $0 }.joined(separator: "  "), in: width)
        }
        let share = min(1, max(0, Double(done) / Double(total)))
        let left = rate.flatMap { $0 > 0 ? Duration.seconds(Double(max(0, total - done)) / $0) : nil }
        let facts = ["\(Int(share * 100)) %", "\(done)/\(total)", speed, left.map { "\($0.rough) left" }]
        let text = facts.compactMap { $0 }.joined(separator: "  ")
        let room = min(40, width - text.utf8.count - 4)
        guard room >= 8 else { return fit(text, in: width) }
        let filled = Int(share * Double(room))
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: room - filled)
        return "[\(bar)]  \(text)"
    }

    private static func fit(_ text: String, in width: Int) -> String {
        String(text.prefix(max(0, width)))
    }
}
