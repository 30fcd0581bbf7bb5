internal import CCurl

/// A libcurl header list in two allocations that are used again and again.
///
/// `curl_slist_append` costs two allocations per line and walks the list each time; libcurl only ever reads the list,
/// so it may stand in memory of our own (struct curl_slist is public).
struct HeaderBlock: ~Copyable {
    private var nodes: UnsafeMutableBufferPointer<curl_slist> = .init(start: nil, count: 0)
    private var text: UnsafeMutableBufferPointer<UInt8> = .init(start: nil, count: 0)

    /// Lines with nothing after the colon keep libcurl from adding its own: no `Expect: 100-continue`, which costs a
    /// round trip, and no form encoding, which the body never is.
    private static let suppressed: [StaticString] = ["Expect:", "Content-Type:"]

    deinit {
        nodes.deallocate()
        text.deallocate()
    }

    /// Puts the lines into the block, in order; `false` if one has no name or would end the line early.
    ///
    /// The list is good until the next call.
    mutating func fill(_ lines: [String]) -> Bool {
        reserve(lines: lines.count + Self.suppressed.count, bytes: lines.reduce(0) { $0 + $1.utf8.count + 1 })
        var end = 0
        for (index, line) in lines.enumerated() {
            guard let length = append(line, at: end) else { return false }
            nodes[index] = curl_slist(data: pointer(at: end), next: nil)
            end += length
        }
        for (index, line) in Self.suppressed.enumerated() {
            let data = UnsafeMutableRawPointer(mutating: line.utf8Start).assumingMemoryBound(to: CChar.self)
            nodes[lines.count + index] = curl_slist(data: data, next: nil)
        }
        for index in 1..<(lines.count + Self.suppressed.count) {
            nodes[index - 1].next = nodes.baseAddress?.advanced(by: index)
        }
        return true
    }

    /// The first element of the list, for CURLOPT_HTTPHEADER.
    var list: UnsafeMutablePointer<curl_slist>? { nodes.baseAddress }

    private func pointer(at offset: Int) -> UnsafeMutablePointer<CChar>? {
        text.baseAddress.map { UnsafeMutableRawPointer($0 + offset).assumingMemoryBound(to: CChar.self) }
    }

    private mutating func reserve(lines: Int, bytes: Int) {
        if nodes.count < lines {
            nodes.deallocate()
            nodes = .allocate(capacity: max(16, lines))
        }
        if text.count < bytes {
            text.deallocate()
            text = .allocate(capacity: max(1024, bytes))
        }
    }

    /// Copies one line and its terminator; the bytes used, or `nil` if libcurl could not send it as it is.
    private func append(_ line: String, at start: Int) -> Int? {
        var line = line
        return line.withUTF8 { append($0, at: start) }
    }

    private func append(_ line: UnsafeBufferPointer<UInt8>, at start: Int) -> Int? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, !line.contains(where: { $0.endsLine }),
            let source = line.baseAddress, let target = text.baseAddress
        else { return nil }
        let isEmpty = line[(colon + 1)...].allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        (target + start).update(from: source, count: line.count)
        // "Name:" would suppress the header; "Name;" is libcurl's way to send an empty value.
        if isEmpty { target[start + colon] = UInt8(ascii: ";") }
        let count = isEmpty ? colon + 1 : line.count
        target[start + count] = 0
        return count + 1
    }
}

extension UInt8 {
    /// Whether libcurl or the receiver would take the line to end there.
    fileprivate var endsLine: Bool {
        self <= UInt8(ascii: "\r") && (self == 0 || self == UInt8(ascii: "\r") || self == UInt8(ascii: "\n"))
    }
}
