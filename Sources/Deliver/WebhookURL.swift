import Addresses

/// The check of a subscription's `url` before libcurl sees it.
///
/// Small and strict on purpose: it refuses what two parsers could read differently (a user before `@`, white space,
/// backslashes, letters outside ASCII) and leaves the rest to libcurl, which parses the URL in the end.
enum WebhookURL {
    static let maximumBytes = 2048

    /// What is wrong, and the fix; `nil` if the URL may be called. Never quotes the URL: it may carry a token.
    static func problem(_ text: String) -> (problem: String, fix: String)? {
        guard !text.isEmpty else { return ("is empty", example) }
        guard text.utf8.count <= maximumBytes else { return ("has more than \(maximumBytes) bytes", "shorten it") }
        guard text.utf8.allSatisfy({ ASCII.isVisible($0) && $0 != UInt8(ascii: "\\") }) else {
            return (
                "has a space, a control character, a backslash or a letter outside ASCII",
                "percent-encode it, and write the host of an international domain in its xn-- form"
            )
        }
        guard let rest = afterScheme(text) else { return ("does not begin with http:// or https://", example) }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else {
            return ("has a user name or password before the host", "send it in `headers` as Authorization instead")
        }
        return hostProblem(authority)
    }

    /// The host, without brackets, of a URL that has no problem.
    static func host(of url: String) -> Substring {
        let authority = (afterScheme(url) ?? "").prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard authority.first == "[" else { return authority.prefix { $0 != ":" } }
        return authority.dropFirst().prefix { $0 != "]" }
    }

    private static let example = "write it like https://shop.example/webhooks"

    private static func afterScheme(_ text: String) -> Substring? {
        for scheme in ["http://", "https://"] where text.prefix(scheme.count).lowercased() == scheme {
            return text.dropFirst(scheme.count)
        }
        return nil
    }

    private static func hostProblem(_ authority: Substring) -> (problem: String, fix: String)? {
        let host: Substring
        let port: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else {
                return ("has a bracket before the host that is not closed", "write it like http://[::1]:8080/")
            }
            host = authority[authority.index(after: authority.startIndex)..<end]
            port = authority[authority.index(after: end)...]
            guard IPAddress(String(host))?.isV6 == true else {
                return ("has something in brackets that is not an IPv6 address", "write it like http://[::1]:8080/")
            }
        } else {
            host = authority.prefix { $0 != ":" }
            port = authority.dropFirst(host.count)
            guard !host.isEmpty else { return ("has no host", example) }
            guard host.utf8.count <= 253, host.utf8.allSatisfy(isHostByte), !host.hasPrefix("."), !host.contains("..")
            else { return ("has a host that is no valid name or address", example) }
            guard !endsInNumber(host) || IPAddress(String(host)) != nil else {
                return (
                    "has a host that is a number and no plain address",
                    "write all four parts in decimal, like http://127.0.0.1:8080/"
                )
            }
        }
        guard isPort(port) else { return ("has a port that is not a number from 1 to 65535", "correct or remove it") }
        return nil
    }

    /// Whether libcurl, like a browser (WHATWG URL, section 3.5), takes the host for an IPv4 address: then it has to be one
    /// in the only form that people read the same way. 0x7f000001, 2130706433, 0177.0.0.1 and 127.1 all are 127.0.0.1.
    private static func endsInNumber(_ host: Substring) -> Bool {
        let name = host.hasSuffix(".") ? host.dropLast() : host
        guard let last = name.utf8.split(separator: UInt8(ascii: ".")).last else { return false }
        if last.allSatisfy(ASCII.isDigit) { return true }
        return last.starts(with: "0x".utf8, by: { $0 | 0x20 == $1 | 0x20 })
            && last.dropFirst(2).allSatisfy(ASCII.isHexDigit)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == ASCII.underscore
    }

    /// Nothing, or a colon and a number.
    private static func isPort(_ text: Substring) -> Bool {
        guard let colon = text.first else { return true }
        let digits = text.dropFirst()
        guard colon == ":", digits.utf8.count <= 5, digits.utf8.allSatisfy(ASCII.isDigit), let port = Int(digits)
        else { return false }
        return (1...65_535).contains(port)
    }
}
