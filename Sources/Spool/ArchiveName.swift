/// The names that Billhook gives to what it moves to a day's folder in the archive.
public enum ArchiveName {
    /// Whether a name in a day's folder is one that Billhook put there: a request, a conflict, an event or a refused file,
    /// or a sidecar of one; each with or without the mark that it gets where its name is taken.
    public static func isOurs(_ bytes: [UInt8]) -> Bool {
        guard let name = String(validating: bytes, as: UTF8.self) else { return false }
        return isRefused(name[...]) || isRequest(SidecarName(name)?.owner ?? name)
    }

    private static func isRequest(_ name: String) -> Bool {
        guard name.hasSuffix(Key.fileSuffix) else { return false }
        let stem = name.dropLast(Key.fileSuffix.utf8.count)
        return [stem, withoutMark(stem)].contains { stem in
            let isEvent = stem.hasPrefix("+") && Key(stem.dropFirst()) != nil
            if isEvent || Key(stem) != nil { return true }
            return if case .conflict = DropName(stem + Key.fileSuffix) { true } else { false }
        }
    }

    /// `refused-HHHHHHHH`, with `.error` and the mark in either order.
    private static func isRefused(_ name: Substring) -> Bool {
        let prefix = "refused-"
        guard name.hasPrefix(prefix) else { return false }
        var rest = name.dropFirst(prefix.utf8.count)
        guard isMark(rest.prefix(8)) else { return false }
        rest = rest.dropFirst(8)
        if rest.hasSuffix(".error") { rest = rest.dropLast(6) }
        rest = withoutMark(rest)
        return rest.isEmpty || rest == ".error"
    }

    /// A name without the `.HHHHHHHH` at its end.
    private static func withoutMark(_ name: Substring) -> Substring {
        let mark = name.suffix(9)
        return mark.first == "." && isMark(mark.dropFirst()) ? name.dropLast(9) : name
    }

    private static func isMark(_ text: Substring) -> Bool {
        text.utf8.count == 8 && text.allSatisfy { $0.isASCII && $0.isHexDigit }
    }
}
