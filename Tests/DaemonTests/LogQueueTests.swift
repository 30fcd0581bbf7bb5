import TestSupport
import Testing

@testable import Daemon

@Suite("The queue of the log")
struct LogQueueTests {
    private let notice = "2026-11-21T12:00:00.000Z warning"

    /// What one write would write.
    private func take(_ queue: inout LogQueue) -> String? {
        queue.take(at: noon).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Takes everything; each element would be one write.
    private func takeAll(_ queue: inout LogQueue) -> [String] {
        var texts: [String] = []
        while let text = take(&queue) { texts.append(text) }
        return texts
    }

    @Test("gives back the lines in their order, as many at once as there are")
    func order() {
        var queue = LogQueue()
        #expect(queue.isEmpty && take(&queue) == nil)
        for line in ["a", "b", "c"] { queue.put(line) }
        #expect(!queue.isEmpty)
        #expect(takeAll(&queue) == ["a\nb\nc\n"])
        #expect(queue.isEmpty)
        queue.put("d")
        #expect(takeAll(&queue) == ["d\n"])
    }

    @Test("cuts no line in two, and writes no more at once than a pipe takes in one piece")
    func batches() {
        var queue = LogQueue()
        let lines = (1000..<1300).map { "line \($0)" } + [String(repeating: "x", count: 10_000), "the last"]
        for line in lines { queue.put(line) }
        let texts = takeAll(&queue)
        #expect(texts.joined() == lines.map { $0 + "\n" }.joined())
        // 409 lines of ten bytes would fit, and the long one goes alone.
        #expect(texts.map(\.utf8.count) == [3000, 10_001, 9])
    }

    @Test("fills a batch to its last byte")
    func fullBatch() {
        var queue = LogQueue()
        for _ in 0..<4 { queue.put(String(repeating: "x", count: 1023)) }
        queue.put("y")
        #expect(takeAll(&queue).map(\.utf8.count) == [4096, 2])
    }

    @Test("keeps what has room to its last byte, leaves out what has not, and says how much that was where it was")
    func leavesOut() {
        var queue = LogQueue(room: 20)
        for line in ["12345678", "abcdefghij", "x", "y", "z"] { queue.put(line) }
        #expect(
            takeAll(&queue) == [
                "12345678\nabcdefghij\n",
                "\(notice) 3 lines of the log were left out, since standard error took none\n",
            ])
        queue.put("after")
        #expect(takeAll(&queue) == ["after\n"])
    }

    @Test("says of a single line that it was one")
    func leavesOutOne() {
        var queue = LogQueue(room: 4)
        queue.put("123")
        queue.put("x")
        #expect(takeAll(&queue).last == "\(notice) 1 line of the log was left out, since standard error took none\n")
    }

    @Test("once full, takes nothing up until half of the room is free, so that there is one gap and not many")
    func oneGap() {
        // Two batches of 4000, 1000 bytes of a third.
        var queue = LogQueue(room: 9000)
        let line = String(repeating: "x", count: 999)
        for _ in 0..<10 { queue.put(line) }
        #expect(take(&queue)?.utf8.count == 4000)
        queue.put("too early")
        #expect(take(&queue)?.utf8.count == 4000)
        queue.put("too early as well")
        // The notice stands behind what was kept, and before what comes after.
        let text = take(&queue)
        queue.put("in time")
        #expect(text == "\(line)\n\(notice) 3 lines of the log were left out, since standard error took none\n")
        #expect(takeAll(&queue) == ["in time\n"])
    }

    @Test("leaves out a line that could never have room, and goes on")
    func tooLong() {
        var queue = LogQueue(room: 100)
        queue.put(String(repeating: "x", count: 100))
        #expect(!queue.isEmpty)
        #expect(takeAll(&queue) == ["\(notice) 1 line of the log was left out, since standard error took none\n"])
        queue.put("after")
        #expect(takeAll(&queue) == ["after\n"])
    }

    @Test("keeps a bar below the lines, and draws the newest only")
    func bar() {
        var queue = LogQueue()
        queue.show("1 of 3")
        queue.show("2 of 3")
        #expect(takeAll(&queue) == ["\r\u{1B}[K2 of 3"])
        queue.show("2 of 3")
        #expect(queue.isEmpty)
        queue.put("a line")
        #expect(takeAll(&queue) == ["\r\u{1B}[Ka line\n\r\u{1B}[K2 of 3"])
        queue.show("3 of 3")
        queue.put("another")
        #expect(takeAll(&queue) == ["\r\u{1B}[Kanother\n\r\u{1B}[K3 of 3"])
        queue.show("")
        #expect(takeAll(&queue) == ["\r\u{1B}[K"])
        queue.put("the last")
        #expect(takeAll(&queue) == ["the last\n"])
    }

    @Test("draws a bar behind the last of several batches, and wipes none that was not drawn")
    func barBehindBatches() {
        var queue = LogQueue()
        queue.put(String(repeating: "x", count: 4000))
        queue.put(String(repeating: "y", count: 4000))
        queue.show("gone before it was drawn")
        queue.show("")
        queue.show("1 of 3")
        let texts = takeAll(&queue)
        #expect(texts.map { $0.contains("1 of 3") } == [false, true])
        #expect(texts.map { $0.hasPrefix("\r") } == [false, false])
        queue.show("")
        #expect(takeAll(&queue) == ["\r\u{1B}[K"])
        queue.show("never drawn")
        queue.show("")
        #expect(queue.isEmpty)
    }
}
