internal import Engine
internal import Files
internal import Spool
internal import SystemPackage

/// Looks at what the spool stands on, in the scanner's thread: a disk may keep whoever asks it waiting.
struct Surroundings {
    private let spool: Spool
    private let floor: RoomFloor
    /// Whether the directories can be told by their inodes: on a file system that numbers them anew they could not be
    /// told at start either.
    private let canTellPlace: Bool
    private var room: DiskRoom?
    private var hasLookedAtReserve = false

    init(_ spool: Spool, floor: RoomFloor) {
        self.spool = spool
        self.floor = floor
        canTellPlace = spool.displacement() == nil
    }

    mutating func look() -> [Event] {
        room = try? spool.own.room()
        guard canTellPlace, let displacement = spool.displacement() else { return [.room(room)] }
        return [.room(room), .displaced(displacement)]
    }

    /// After the answer, which somebody waits for.
    mutating func fillReserve() {
        guard let room else { return }
        // What can't be made now is made when there is room.
        try? spool.reserve.fill(room, above: floor, thoroughly: !hasLookedAtReserve)
        hasLookedAtReserve = true
    }
}
