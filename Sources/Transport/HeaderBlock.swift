internal import CCurl
internal import Glibc

/// A libcurl header list in two allocations that are used again and again.
///
/// `curl_slist_append` costs two allocations per line and walks the list each time; libcurl only ever reads the list,
/// so it may stand in memory of our own (struct curl_slist is public).
struct HeaderBlock: ~Copyable {
    private var nodes: UnsafeMutableBufferPointer<curl_slist> = .init(start: nil, count: 0)
    private var text: UnsafeMutableBufferPointer<UInt8> = .init(start: nil, count: 0)

    /// Lines with nothing after the colon keep libcurl from adding its own: no `Expect: 100-continue`, which costs a
    /// round trip, and no form encoding, which the body never is. libcurl goes through all lines a dozen times, so they are
    /// there only where it would.
    private static let noExpect: StaticString = "Expect:"
    private static let noContentType: StaticString = "Content-Type:"

    /// The least body, in bytes, for which libcurl may ask before it sends (CURLOPT_POST(3)): a mebibyte by now, 1024 once.
    private static let leastExpected = 1024

    deinit {
        nodes.deallocate()
        text.deallocate()
    }

    /// Puts the headers of a request into the block, in order; `false` if one has no name or would end its line early.
    ///
    /// The list is good until the next call.
    mutating func fill(_ headers: [(name: String, value: String)], bodySize: Int) -> Bool {
        reserve(
            lines: headers.count + 2,
            bytes: headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 3 })
        var start = 0
        for (index, header) in headers.enumerated() {
            guard let next = append(header, at: start) else { return false }
            nodes[index] = curl_slist(data: pointer(at: start), next: nil)
            start = next
        }
        var count = headers.count
        if bodySize >= Self.leastExpected { suppress(Self.noExpect, &count) }
        if !headers.contains(where: { $0.name == "Content-Type" }) { suppress(Self.noContentType, &count) }
        for index in 0..<count {
            nodes[index].next = index + 1 < count ? nodes.baseAddress?.advanced(by: index + 1) : nil
        }
        return true
    }

    private mutating func suppress(_ line: StaticString, _ count: inout Int) {
        let data = UnsafeMutableRawPointer(mutating: line.utf8Start).assumingMemoryBound(to: CChar.self)
        nodes[count] = curl_slist(data: data, next: nil)
        count += 1
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

    /// Writes one line and its terminator; where the next one begins, or `nil` if libcurl could not send it as it is.
    private func append(_ header: (name: String, value: String), at start: Int) -> Int? {
        let colon = copy(header.name, to: start)
        text[colon] = UInt8(ascii: ":")
        text[colon + 1] = UInt8(ascii: " ")
        let end = copy(header.value, to: colon + 2)
        text[end] = 0
        // What ends the name, and what ends the line for libcurl or the receiver.
        guard colon > start, span(from: start, to: ":\r\n") == colon, span(from: colon, to: "\r\n") == end else {
            return nil
        }
        guard header.value.utf8.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) else {
            return end + 1
        }
        // "Name:" would suppress the header; "Name;" is libcurl's way to send an empty value.
        text[colon] = UInt8(ascii: ";")
        text[colon + 1] = 0
        return colon + 2
    }

    /// Copies a part of a line, and tells where it ends there.
    private func copy(_ part: String, to start: Int) -> Int {
        part.utf8.span.withUnsafeBufferPointer { bytes in
            guard let source = bytes.baseAddress, let target = text.baseAddress else { return start }
            (target + start).update(from: source, count: bytes.count)
            return start + bytes.count
        }
    }

    /// Where the first of some characters stands, or the text ends.
    private func span(from start: Int, to ends: StaticString) -> Int {
        let ends = UnsafeRawPointer(ends.utf8Start).assumingMemoryBound(to: CChar.self)
        return pointer(at: start).map { start + Int(strcspn($0, ends)) } ?? start
    }
}
