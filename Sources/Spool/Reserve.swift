public import Files
public import SystemPackage

/// `.billhook/reserve/`: files that were made while there was room, so that the reason why a request is dead can be
/// written when there is none.
///
/// Each has its inode and its block. One is taken by renaming it to the name that is to be written, and written over in
/// place; or given back to the file system, whose directory then has room to grow. A power cut may leave some of them
/// empty: filling makes those anew.
public struct Reserve: Sendable {
    /// How many files there are.
    public static let count = 32
    /// How many bytes each has: a block of most file systems.
    public static let fileBytes = 4096

    static let directoryName = "reserve"
    private let own: Directory

    init(own: Directory) {
        self.own = own
    }

    /// Makes what is missing, if so much and as much again is free above the floor. Costs one look while nothing is
    /// missing.
    ///
    /// - Parameter thoroughly: looks at each file; at start, since a power cut may have emptied them.
    ///
    /// Throws what the file system does; what was made until then stands.
    public func fill(_ room: DiskRoom, above floor: RoomFloor, thoroughly: Bool) throws(Errno) {
        let least = UInt64(2 * Reserve.count * Reserve.fileBytes)
        let rest = DiskRoom(
            freeBytes: room.freeBytes > least ? room.freeBytes - least : 0, bytes: room.bytes,
            freeInodes: room.freeInodes > UInt64(Reserve.count) ? room.freeInodes - UInt64(Reserve.count) : 0,
            inodes: room.inodes, isReadOnly: room.isReadOnly)
        guard !room.isReadOnly, floor.shortage(of: rest, wasShort: false) == nil else { return }
        try own.make(Reserve.directoryName)
        let directory = try own.directory(Reserve.directoryName)
        // They are taken from the highest number down.
        if !thoroughly, try directory.contains(Reserve.name(Reserve.count - 1)) { return }
        for number in 0..<Reserve.count {
            let name = Reserve.name(number)
            if try directory.status(name)?.size == Reserve.fileBytes { continue }
            try directory.write(name, [UInt8](repeating: 0, count: Reserve.fileBytes), durably: false)
        }
    }

    /// Writes a file over one of the reserve, which takes the name in `directory`, whatever has it.
    ///
    /// Throws `noSpace` if none is left or the content is longer than its block. A crash between the steps leaves the name
    /// with no readable content, as one amid any write does.
    func spend(on name: some FileNaming, _ content: [UInt8], in directory: Directory) throws(Errno) -> File {
        guard let taken = try newest() else { throw .noSpace }
        try taken.directory.replace(name, in: directory, with: taken.name)
        let file = try File.overwriting(name, in: directory)
        try file.write(content)
        try file.truncate(to: content.count)
        return file
    }

    /// Removes some of the files, for what can't be made beforehand. Returns whether there were any.
    func giveBack(_ count: Int) throws(Errno) -> Bool {
        for number in 0..<count {
            guard let taken = try newest() else { return number > 0 }
            try taken.directory.remove(taken.name)
        }
        return true
    }

    private func newest() throws(Errno) -> (directory: Directory, name: String)? {
        do throws(Errno) {
            let directory = try own.directory(Reserve.directoryName)
            let names = try directory.names().map { String(decoding: $0, as: UTF8.self) }
            return names.max().map { (directory, $0) }
        } catch .noSuchFileOrDirectory {
            return nil
        }
    }

    private static func name(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension Spool {
    /// What is kept for a full disk.
    public var reserve: Reserve { Reserve(own: own) }

    /// Writes an `.error` into dead/, anew; on a full disk over a file of the reserve, cut to what that holds.
    ///
    /// Throws what the file system does; out of space only if the reserve is used up, too.
    public func explain(_ name: some FileNaming, _ report: ErrorReport) throws(Errno) -> File {
        do throws(Errno) {
            let file = try File.replacing(name, in: dead)
            try file.write(report.encoded())
            return file
        } catch {
            guard error.isOutOfSpace else { throw error }
            return try reserve.spend(on: name, report.encoded(within: Reserve.fileBytes), in: dead)
        }
    }

    /// Does what ends with a file in dead/. Where the disk is so full that no directory can grow, some of the reserve is
    /// given back and it is done once more: it must be such that it can be repeated.
    ///
    /// A directory that takes no more names though there is room is another matter, and costs nothing of the reserve.
    public func easing<Result>(_ body: () throws(Errno) -> Result) throws(Errno) -> Result {
        do throws(Errno) {
            return try body()
        } catch {
            guard error.isOutOfSpace, try isFull(), try reserve.giveBack(4) else { throw error }
            return try body()
        }
    }

    /// Whether the file system itself is full, told when something was refused for want of space; else it is one
    /// directory that takes no more names.
    public func isFull() throws(Errno) -> Bool {
        try !own.room().has(bytes: 1 << 20, inodes: 16)
    }
}

extension ErrorReport {
    /// The same within so many bytes: its message and, if need be, its hint are cut.
    func encoded(within limit: Int) -> [UInt8] {
        let whole = encoded()
        if whole.count <= limit { return whole }
        // Escaped, a character may take six bytes for its one.
        let short = ErrorReport(
            code: code, message: String(message.prefix(limit / 24)) + "…", stage: stage,
            hint: String(hint.prefix(limit / 24)), at: at, fileName: fileName.map { String($0.prefix(limit / 24)) })
        return short.encoded()
    }
}
