extension DropName {
    /// Whether a name is a request's by its key, told byte by byte and without a copy: for counting and finding requests among
    /// the sidecars of a million of them.
    public static func isRequest(_ name: Span<UInt8>) -> Bool {
        let suffix = Key.fileSuffix.utf8
        let length = name.count - suffix.count
        guard (1...200).contains(length), name[0].isAlphanumeric else { return false }
        var index = length
        for byte in suffix {
            guard name[index] == byte else { return false }
            index += 1
        }
        for index in 0..<length {
            guard name[index].isLegalInKey else { return false }
            if name[index] == UInt8(ascii: "."), isConflictMark(name, at: index, before: length) { return false }
        }
        return true
    }

    /// The key of what ``init(_:)-([UInt8])`` calls a request; `nil` for a name that is none's.
    public static func key(ofRequest name: Span<UInt8>) -> Key? {
        // Two of three names are sidecars', and none of them ends so.
        guard name.count > 0, name[name.count - 1] == UInt8(ascii: "n") else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.count)
        for index in name.indices { bytes.append(name[index]) }
        if isRequest(name) {
            return Key(known: String(decoding: bytes.dropLast(Key.fileSuffix.utf8.count), as: UTF8.self))
        }
        return if case .request(let key) = DropName(bytes) { key } else { nil }
    }

    private static func isConflictMark(_ name: Span<UInt8>, at start: Int, before end: Int) -> Bool {
        var index = start
        for byte in Key.conflictMark.utf8 {
            guard index < end, name[index] == byte else { return false }
            index += 1
        }
        return true
    }
}
