public import Files
public import Times

/// A file that was being taken up, alone, when Billhook ended.
public struct Suspect: Equatable, Sendable {
    /// Where a file stands that can be taken up.
    public enum Place: String, Sendable {
        case incoming, aside, processing
    }

    /// What stays the same while a file is renamed, and changes when somebody changes it or puts another in its place.
    public struct Mark: Equatable, Sendable {
        public let inode: UInt64
        /// Bytes.
        public let size: Int
        public let modified: Timestamp

        public init(inode: UInt64, size: Int, modified: Timestamp) {
            self.inode = inode
            self.size = size
            self.modified = modified
        }

        public init(_ status: FileStatus) {
            self.init(inode: status.identity.inode, size: status.size, modified: status.modified)
        }
    }

    public let place: Place
    /// As bytes, since what is no request may have any name.
    public let name: [UInt8]
    public let mark: Mark
    /// How often in a row Billhook has ended while it took up this file and nothing else.
    public let deaths: Int

    /// After so many deaths in a row it is not taken up again.
    public static let deathsToBury = 3

    public init(place: Place, name: [UInt8], mark: Mark, deaths: Int) {
        self.place = place
        self.name = name
        self.mark = mark
        self.deaths = deaths
    }

    /// Whether it is to be buried unread.
    public var isCondemned: Bool { deaths >= Suspect.deathsToBury }

    /// The path below the spool, safe to print.
    public var path: String { "\(place.rawValue)/\(DropName.escaped(name))" }
}
