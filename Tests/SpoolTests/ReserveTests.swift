import Files
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@Suite("The reserve")
struct ReserveTests {
    private static let roomy = DiskRoom(freeBytes: 1 << 40, bytes: 1 << 41, freeInodes: 1 << 20, inodes: 1 << 21)
    private let scratch: ScratchDirectory
    private let spool: Spool

    init() throws {
        scratch = try ScratchDirectory()
        spool = try Spool.create(FilePath(scratch.path("spool")))
    }

    private func fill(_ room: DiskRoom = roomy, thoroughly: Bool = false) throws {
        try spool.reserve.fill(room, above: RoomFloor(), thoroughly: thoroughly)
    }

    private func sizes() throws -> [Int] {
        guard try spool.own.contains("reserve") else { return [] }
        let directory = try spool.own.directory("reserve")
        return try directory.names().map { try directory.status(String(decoding: $0, as: UTF8.self))?.size ?? -1 }
    }

    @Test("is made where there is room for it, and made up again")
    func fills() throws {
        try fill(DiskRoom(freeBytes: 65 << 20, bytes: 1 << 41, freeInodes: 10_010, inodes: 1 << 21))
        #expect(try sizes() == [])
        try fill()
        #expect(try sizes() == Array(repeating: Reserve.fileBytes, count: Reserve.count))
        let directory = try spool.own.directory("reserve")
        try directory.remove("31")
        try directory.remove("30")
        try fill()
        #expect(try sizes().count == Reserve.count)
    }

    @Test("looked at thoroughly, is made up where a power cut has emptied it")
    func emptied() throws {
        try fill()
        try spool.own.directory("reserve").write("07", [], durably: false)
        try fill()
        #expect(try sizes().contains(0))
        try fill(thoroughly: true)
        #expect(try sizes() == Array(repeating: Reserve.fileBytes, count: Reserve.count))
    }

    @Test("a read-only disk is left alone")
    func readOnly() throws {
        try fill(DiskRoom(freeBytes: 1 << 40, bytes: 0, freeInodes: 0, inodes: 0, isReadOnly: true))
        #expect(try sizes() == [])
    }

    @Test("what can be repeated is repeated once with some of it given back, only if the disk itself is full")
    func easing() throws {
        try fill()
        var calls = 0
        #expect(throws: Errno.noSpace) {
            try spool.easing { () throws(Errno) in
                calls += 1
                throw Errno.noSpace
            }
        }
        #expect(try calls == 1 && sizes().count == Reserve.count)
    }
}
