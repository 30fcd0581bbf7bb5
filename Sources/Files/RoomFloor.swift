/// The room below which nothing new is taken: what is in hand already needs it for its records.
public struct RoomFloor: Sendable, Equatable {
    /// Bytes; `nil` for the smaller of 64 MiB and a twentieth of the file system.
    public var bytes: UInt64?
    /// Files; `nil` for the smaller of 10,000 and a twentieth of what the file system can hold.
    public var inodes: UInt64?

    public init(bytes: UInt64? = nil, inodes: UInt64? = nil) {
        self.bytes = bytes
        self.inodes = inodes
    }

    /// What is short of this floor; `nil` if there is room.
    ///
    /// - Parameter wasShort: it was short before: then a quarter more is asked for, so that it does not come and go with
    ///   each file.
    public func shortage(of room: DiskRoom, wasShort: Bool) -> RoomShortage? {
        let (bytes, inodes) = least(of: room)
        let (wanted, wantedInodes) = wasShort ? (bytes + bytes / 4, inodes + inodes / 4) : (bytes, inodes)
        if room.has(bytes: wanted, inodes: wantedInodes) { return nil }
        return RoomShortage(room: room, leastBytes: wanted, leastInodes: wantedInodes)
    }

    /// How many claims, each taking at most so much, fit between what is free and the floor; at least one, which the
    /// floor itself has room for.
    public func claims(in room: DiskRoom, bytesEach: UInt64, inodesEach: UInt64) -> Int {
        let (bytes, inodes) = least(of: room)
        var count = UInt64(Int32.max)
        if room.bytes > 0 { count = min(count, room.freeBytes.spare(over: bytes) / max(1, bytesEach)) }
        if room.inodes > 0 { count = min(count, room.freeInodes.spare(over: inodes) / max(1, inodesEach)) }
        return max(1, Int(count))
    }

    private func least(of room: DiskRoom) -> (bytes: UInt64, inodes: UInt64) {
        (bytes ?? min(64 << 20, room.bytes / 20), inodes ?? min(10_000, room.inodes / 20))
    }
}

/// There is less room than is asked for.
public struct RoomShortage: Sendable, Equatable {
    public let room: DiskRoom
    public let leastBytes: UInt64
    public let leastInodes: UInt64

    /// What is left and what is asked for, as a clause: `the disk has 3 MiB and 120 inodes left, and …`.
    public var text: String {
        var left = ["\(RoomShortage.text(bytes: room.freeBytes))"]
        var least = ["\(RoomShortage.text(bytes: leastBytes))"]
        if room.inodes > 0 {
            left.append("\(room.freeInodes) inodes")
            least.append("\(leastInodes) inodes")
        }
        return
            "the disk has \(left.joined(separator: " and ")) left, and \(least.joined(separator: " and ")) must be free"
    }

    private static func text(bytes: UInt64) -> String {
        bytes >= 10 << 20 ? "\(bytes >> 20) MiB" : "\(bytes >> 10) KiB"
    }
}

extension UInt64 {
    fileprivate func spare(over floor: UInt64) -> UInt64 { self > floor ? self - floor : 0 }
}
