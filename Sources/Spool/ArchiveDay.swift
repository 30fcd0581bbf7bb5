public import Times

/// A UTC day as it names a folder in the archive: `2026-11-21`.
public struct ArchiveDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let name: String
    /// When the day was over.
    public let end: Timestamp

    /// `nil` for whatever is no day in exactly this notation, and so no folder of Billhook's.
    public init?(_ name: String) {
        guard let start = Timestamp(iso8601: name), start.day == name else { return nil }
        self.name = name
        end = start + .seconds(86_400)
    }

    /// Whether the day has been over for longer than a span.
    public func isOver(for span: Duration, at now: Timestamp) -> Bool {
        end + span < now
    }

    public var description: String { name }

    public static func < (a: ArchiveDay, b: ArchiveDay) -> Bool { a.end < b.end }
}
