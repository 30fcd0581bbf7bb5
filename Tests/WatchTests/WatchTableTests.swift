import Glibc
import Testing

@testable import Watch

/// The meaning of the kernel's bits, with numbers from linux/inotify.h, without a kernel.
@Suite struct WatchTableTests {
    private func table() -> WatchTable {
        var table = WatchTable()
        table.add(watch: 1, tag: 10)
        table.add(watch: 2, tag: 20)
        return table
    }

    @Test(
        "each bit is its event",
        arguments: [
            (0x100, WatchEvent.arrived(tag: 10, name: [65], how: .created)),
            (0x008, .arrived(tag: 10, name: [65], how: .written)),
            (0x080, .arrived(tag: 10, name: [65], how: .movedIn)),
            (0x4000_0100, .arrived(tag: 10, name: [65], how: .created)),
            (0x040, .removed(tag: 10, name: [65])),
            (0x200, .removed(tag: 10, name: [65])),
            (0x004, .touched(tag: 10, name: [65])),
        ] as [(UInt32, WatchEvent)])
    func bits(mask: UInt32, expected: WatchEvent) {
        var table = table()
        #expect(table.receive(RawEvent(watch: 1, mask: mask, name: [65])) == expected)
    }

    @Test("an overflow belongs to no directory")
    func overflow() {
        var table = table()
        #expect(table.receive(RawEvent(watch: -1, mask: 0x4000)) == .overflow)
    }

    @Test("whatever ends a watch is one loss, and its echoes are no news", arguments: [0x400, 0x800, 0x2000, 0x8000])
    func loss(mask: UInt32) {
        var table = table()
        #expect(table.receive(RawEvent(watch: 2, mask: mask)) == .lost(tag: 20))
        #expect(table.receive(RawEvent(watch: 2, mask: 0x8000)) == nil)
        #expect(table.receive(RawEvent(watch: 2, mask: 0x100, name: [65])) == nil)
        let other = WatchEvent.arrived(tag: 10, name: [65], how: .created)
        #expect(table.receive(RawEvent(watch: 1, mask: 0x100, name: [65])) == other)
    }

    @Test("bits nobody asked for are no event")
    func unasked() {
        var table = table()
        #expect(table.receive(RawEvent(watch: 1, mask: 0x20, name: [65])) == nil)
    }

    @Test("a time-out is rounded up to a millisecond and never overflows")
    func timeouts() {
        #expect((nil as Duration?).pollTimeout == -1)
        #expect((Duration.zero as Duration?).pollTimeout == 0)
        #expect((Duration.seconds(-1) as Duration?).pollTimeout == 0)
        #expect((Duration.nanoseconds(1) as Duration?).pollTimeout == 1)
        #expect((Duration.milliseconds(1500) as Duration?).pollTimeout == 1500)
        #expect((Duration.seconds(Int64.max) as Duration?).pollTimeout == 2_000_000_000)
    }
}
