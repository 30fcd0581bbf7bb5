/// The last lines of a text that a stranger wrote, made fit for a sidecar and a terminal.
enum LastLines {
    static let most = 20
    static let longest = 400

    /// At most 20 lines of at most 400 characters.
    ///
    /// Control characters, which could move the cursor of whoever looks, and those that turn the direction of writing
    /// become U+FFFD, as does what is no UTF-8; a tab is a space; empty lines at the end go.
    ///
    /// - Parameter isCut: the bytes begin somewhere in a text, so the first line is no whole one.
    static func of(_ bytes: [UInt8], isCut: Bool) -> [String] {
        var rest = bytes[...]
        if isCut, let end = rest.firstIndex(of: UInt8(ascii: "\n")) { rest = rest[(end + 1)...] }
        let lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(harmless)
        let end = lines.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? 0
        return Array(lines[..<end].suffix(most))
    }

    private static func harmless(_ line: ArraySlice<UInt8>) -> String {
        var text = ""
        var line = line
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        for scalar in String(decoding: line, as: UTF8.self).unicodeScalars.prefix(longest) {
            text.unicodeScalars.append(isHarmless(scalar) ? scalar : scalar == "\t" ? " " : "\u{FFFD}")
        }
        return text
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: false
        default: true
        }
    }
}
