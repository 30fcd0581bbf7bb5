/// The head of a receiver's answer as it may be kept and shown: at most 512 bytes of valid UTF-8.
///
/// Four things are kept out of it. Half characters where it was cut. Control characters that JSON leaves as they are (DEL
/// and U+0080 to U+009F), because a terminal obeys some of them when somebody reads the sidecar with `cat`; the others
/// are escaped by the JSON writer. The user's own header values, because receivers under test like to echo a request. And
/// for the same reason the query of the URL, in which many receivers want a token.
public enum ResponseHead {
    /// The most that is kept, in bytes of UTF-8.
    public static let maximumBytes = 512

    /// The text of a head; `nil` if there is none.
    ///
    /// A header value, a URL's query or a value in it, or a word of one (the token of `Bearer TOKEN`), of at least 6 bytes
    /// becomes `[hidden]`; so does its beginning where the head ends in the middle of it.
    public static func text(_ head: [UInt8], hiding headers: [HeaderField] = [], ofURL url: String = "") -> String? {
        guard !head.isEmpty else { return nil }
        let hidden = secrets(of: headers, url)
        let shown = hidden.isEmpty ? head : hide(hidden, in: head)
        if shown.count <= maximumBytes, shown.allSatisfy({ $0 < 0x7F }) {
            return String(decoding: shown, as: UTF8.self)
        }
        var text = ""
        text.reserveCapacity(min(shown.count, maximumBytes))
        var count = 0
        for scalar in String(decoding: shown.prefix(maximumBytes + 4), as: UTF8.self).unicodeScalars {
            let kept = (0x7F...0x9F).contains(scalar.value) ? "\u{FFFD}" : scalar
            count += UTF8.width(kept)
            guard count <= maximumBytes else { break }
            text.unicodeScalars.append(kept)
        }
        return text
    }

    private static let shortestSecret = 6
    private static let mark = Array("[hidden]".utf8)

    /// The values and their words, the longest first, so that a whole value is hidden as one.
    private static func secrets(of headers: [HeaderField], _ url: String) -> [[UInt8]] {
        guard !headers.isEmpty || url.utf8.contains(UInt8(ascii: "?")) else { return [] }
        let values = headers.map { Array($0.value.utf8) } + URLQuery.values(of: url)
        let words = values.flatMap { [$0] + $0.split(separator: 0x20).map { Array($0) } }
        return words.filter { $0.count >= shortestSecret }.sorted { $0.count > $1.count }
    }

    private static func hide(_ secrets: [[UInt8]], in head: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(head.count)
        var at = 0
        while at < head.count {
            let rest = head[at...]
            if let secret = secrets.first(where: { rest.starts(with: $0) }) {
                output.append(contentsOf: mark)
                at += secret.count
            } else if rest.count >= shortestSecret, secrets.contains(where: { $0.starts(with: rest) }) {
                output.append(contentsOf: mark)
                at = head.count
            } else {
                output.append(head[at])
                at += 1
            }
        }
        return output
    }
}
