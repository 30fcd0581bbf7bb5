extension IPAddress {
    /// Reads the textual form, strictly: four decimal numbers without leading zeros, or RFC 4291, section 2.2. `nil` for
    /// anything else, such as the short, octal and hexadecimal forms of IPv4 that inet_aton(3) takes, a zone or brackets.
    public init?(_ text: String) {
        // The common case comes first: it is met once for each webhook.
        if let number = IPAddress.number(ofV4: text.utf8.span) {
            self.init(v4: number)
        } else {
            let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard let groups = IPAddress.groups(parts) else { return nil }
            self.init(groups: groups)
        }
    }

    private init(groups: [UInt16]) {
        func number(_ part: ArraySlice<UInt16>) -> UInt64 { part.reduce(0) { $0 << 16 | UInt64($1) } }
        self.init(isV6: true, high: number(groups[..<4]), low: number(groups[4...]))
    }

    private static func number(ofV4 text: Span<UInt8>) -> UInt32? {
        var number: UInt32 = 0
        var (part, digits, dots): (UInt32, Int, Int) = (0, 0, 0)
        for index in text.indices {
            let byte = text[index]
            if byte == UInt8(ascii: "."), digits > 0, dots < 3 {
                number = number << 8 | part
                (part, digits, dots) = (0, 0, dots + 1)
            } else {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), digits == 0 || part > 0 else {
                    return nil
                }
                part = part * 10 + UInt32(byte - UInt8(ascii: "0"))
                digits += 1
                guard part <= 255 else { return nil }
            }
        }
        return dots == 3 && digits > 0 ? number << 8 | part : nil
    }

    /// The eight groups; `parts` is what stands between the colons.
    private static func groups(_ parts: [Substring.UTF8View]) -> [UInt16]? {
        guard (3...9).contains(parts.count) else { return nil }
        // Two colons at an end leave two empty parts there, elsewhere one.
        var parts = parts[...]
        if parts.first?.isEmpty == true {
            parts.removeFirst()
            guard parts.first?.isEmpty == true else { return nil }
        }
        if parts.count > 1, parts.last?.isEmpty == true {
            parts.removeLast()
            guard parts.last?.isEmpty == true else { return nil }
        }
        let gaps = parts.indices.filter { parts[$0].isEmpty }
        guard gaps.count <= 1 else { return nil }
        guard let gap = gaps.first else {
            return groups(of: parts, isEnd: true).flatMap { $0.count == 8 ? $0 : nil }
        }
        guard let before = groups(of: parts[..<gap], isEnd: false),
            let after = groups(of: parts[(gap + 1)...], isEnd: true), before.count + after.count < 8
        else { return nil }
        return before + [UInt16](repeating: 0, count: 8 - before.count - after.count) + after
    }

    /// One group for each part, and two for an IPv4 address at the end.
    private static func groups(of parts: ArraySlice<Substring.UTF8View>, isEnd: Bool) -> [UInt16]? {
        var groups: [UInt16] = []
        for (index, part) in zip(parts.indices, parts) {
            if isEnd, index == parts.endIndex - 1, let number = number(ofV4: part.span) {
                groups += [UInt16(number >> 16), UInt16(truncatingIfNeeded: number)]
            } else {
                guard (1...4).contains(part.count), part.allSatisfy(isHexDigit),
                    let group = UInt16(Substring(part), radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical form (RFC 5952), so that one address has one text in records.
    public var description: String {
        if !isV6 { return dotted }
        if high == 0, low >> 32 == 0xFFFF { return "::ffff:\(IPAddress(v4: UInt32(truncatingIfNeeded: low)))" }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: ($0 < 4 ? high : low) >> UInt64(48 - 16 * ($0 % 4))) }
        guard let gap = IPAddress.longestGap(groups) else { return IPAddress.joined(groups[...]) }
        return IPAddress.joined(groups[..<gap.lowerBound]) + "::" + IPAddress.joined(groups[gap.upperBound...])
    }

    /// An IPv4 address, digit by digit: each attempt's line has one, and by interpolation it took 1,700 instructions.
    private var dotted: String {
        unsafe String(unsafeUninitializedCapacity: 15) { text in
            var end = 0
            func put(_ byte: UInt8) {
                unsafe text[end] = byte
                end += 1
            }
            for shift in stride(from: 24, through: 0, by: -8) {
                let number = UInt8(truncatingIfNeeded: low >> shift)
                if shift < 24 { put(UInt8(ascii: ".")) }
                if number > 99 { put(UInt8(ascii: "0") + number / 100) }
                if number > 9 { put(UInt8(ascii: "0") + number / 10 % 10) }
                put(UInt8(ascii: "0") + number % 10)
            }
            return end
        }
    }

    private static func joined(_ groups: ArraySlice<UInt16>) -> String {
        groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    /// The longest run of at least two zeros, the first of several.
    private static func longestGap(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        while start < groups.count {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            if end - start >= 2, end - start > best?.count ?? 0 { best = start..<end }
            start = end + 1
        }
        return best
    }
}
