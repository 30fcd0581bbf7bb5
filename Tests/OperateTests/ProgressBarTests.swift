import Operate
import Testing

@Suite("The progress bar")
struct ProgressBarTests {
    @Test("it shows share, count, speed and the time that is left")
    func full() {
        let line = ProgressBar.line(done: 50, total: 200, rate: 10, width: 120)
        #expect(line == "[##########------------------------------]  25 %  50/200  10/s  15s left")
    }

    @Test("it never gets wider than the terminal", arguments: 0...100)
    func width(width: Int) {
        #expect(ProgressBar.line(done: 123_456, total: 1_000_000, rate: 9_999.9, width: width).utf8.count <= width)
    }

    @Test("without a total there is no bar, and without a rate no time")
    func unknown() {
        #expect(ProgressBar.line(done: 7, total: nil, rate: 3.4, width: 80) == "7  3/s")
        #expect(ProgressBar.line(done: 5, total: 3, rate: nil, width: 20).contains("100 %"))
    }
}
