internal import JSON
internal import Times

/// What `.billhook/deaths` says: how often in a row Billhook has ended before it had recovered, and what it was taking up
/// alone when it ended last.
///
/// The file is written when a run begins, and removed at a clean end and as soon as all that stood at the start has been
/// taken up once. So it stands only after something ended a recovery: a kill, a power cut, or a file that makes the
/// process die. Which of them it was shows in time: a file is blamed only if it was the sole one under way three times in
/// a row, and a kill in between, when nothing was, clears it.
public struct Deaths: Equatable, Sendable {
    /// Ends in a row before a recovery was over, this start's own life left out.
    public let count: Int
    /// What is under suspicion.
    public let suspect: Suspect?

    public init(count: Int, suspect: Suspect? = nil) {
        self.count = count
        self.suspect = suspect
    }

    /// After so many deaths in a row, one file is taken up at a time.
    public static let deathsToCaution = 2

    /// What a start makes of what the one before it left.
    ///
    /// | left | deaths | suspect |
    /// | --- | --- | --- |
    /// | no file | 0 | none |
    /// | a file that can't be understood: a power cut | 1 | none |
    /// | a file that names nobody | one more | none |
    /// | a file that names one | one more | that one, with one more death |
    public static func following(_ left: [UInt8]?) -> Deaths {
        guard let left else { return Deaths(count: 0) }
        guard let last = Deaths(left) else { return Deaths(count: 1) }
        let suspect = last.suspect.map {
            Suspect(place: $0.place, name: $0.name, mark: $0.mark, deaths: $0.deaths + 1)
        }
        return Deaths(count: last.count + 1, suspect: suspect)
    }

    /// Whether one file is to be taken up at a time.
    public var isCautious: Bool { count >= Deaths.deathsToCaution || suspect != nil }

    /// One JSON object and a newline.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("deaths", count)
        if let suspect {
            writer.name("suspect")
            writer.beginObject()
            writer.member("place", suspect.place.rawValue)
            if let name = String(validating: suspect.name, as: UTF8.self) {
                writer.member("name", name)
            } else {
                writer.name("name_bytes")
                writer.beginArray()
                for byte in suspect.name { writer.integer(Int64(byte)) }
                writer.endArray()
            }
            writer.member("inode", Int64(bitPattern: suspect.mark.inode))
            writer.member("size", suspect.mark.size)
            writer.member("modified_ns", suspect.mark.modified.nanoseconds)
            writer.member("deaths", suspect.deaths)
            writer.endObject()
        }
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// Reads the file back; `nil` for what is not one.
    public init?(_ bytes: [UInt8]) {
        guard let object = (try? JSONReader.read(bytes))?.object, let count = object["deaths"].flatMap(Deaths.number)
        else { return nil }
        self.init(count: count, suspect: object["suspect"]?.object.flatMap(Deaths.suspect))
    }

    private static func suspect(_ object: JSONObject) -> Suspect? {
        guard let place = object["place"]?.string.flatMap(Suspect.Place.init), let name = name(object),
            let inode = object["inode"]?.int64, let size = object["size"]?.int64,
            let modified = object["modified_ns"]?.int64, let deaths = object["deaths"].flatMap(number)
        else { return nil }
        let mark = Suspect.Mark(
            inode: UInt64(bitPattern: inode), size: Int(size), modified: Timestamp(nanoseconds: modified))
        return Suspect(place: place, name: name, mark: mark, deaths: deaths)
    }

    private static func name(_ object: JSONObject) -> [UInt8]? {
        if let name = object["name"]?.string { return Array(name.utf8) }
        return object["name_bytes"]?.array?.compactMap { $0.int64.flatMap { UInt8(exactly: $0) } }
    }

    /// Far from where adding one overflows.
    private static func number(_ value: JSONValue) -> Int? {
        value.int64.flatMap { (0...1_000_000_000).contains($0) ? Int($0) : nil }
    }
}
