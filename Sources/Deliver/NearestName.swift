/// Finds what somebody meant to type.
public enum NearestName {
    /// The candidate that is the fewest edits from `name`, if they are few for its length; `nil` otherwise.
    public static func find(_ name: String, in candidates: [String]) -> String? {
        guard name.utf8.count <= 40 else { return nil }
        let folded = Array(name.lowercased().utf8)
        let ranked = candidates.map { ($0, distance(folded, Array($0.utf8))) }
        guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= (folded.count + 2) / 3 else { return nil }
        return best.0
    }

    /// Insertions, deletions and replacements that turn `a` into `b`, and swaps of neighbours (the restricted
    /// Damerau-Levenshtein distance).
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var rows = [Array(0...b.count)]
        for i in 1...max(1, a.count) where !a.isEmpty {
            var row = [i]
            for j in 1...max(1, b.count) where !b.isEmpty {
                let change = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                var best = min(change, row[j - 1] + 1, rows[i - 1][j] + 1)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, rows[i - 2][j - 2] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
