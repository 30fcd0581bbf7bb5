import Spool
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("The window of what is due")
struct DueWindowTests {
    @Test("the nearest come out first, and only when they are due")
    func order() {
        var window = DueWindow(capacity: 10)
        window.insert(.make("late"), due: .at(20))
        window.insert(.make("soon"), due: .at(10))
        #expect(window.popDue(at: .at(9)) == nil)
        #expect(window.popDue(at: .at(30)) == .make("soon"))
        #expect(window.popDue(at: .at(30)) == .make("late"))
        #expect(window.popDue(at: .at(30)) == nil && window.isEmpty && window.next == nil)
    }

    @Test("the farthest are let go, and the horizon says from when on they may be due")
    func horizon() {
        var window = DueWindow(capacity: 2)
        for second in [40, 10, 30, 20] { window.insert(.make("k\(second)"), due: .at(second)) }
        #expect(window.count == 2 && window.horizon == .at(30))
        #expect(!window.needsRescan(at: .at(29)) && window.needsRescan(at: .at(30)))
        window.beginRescan()
        #expect(window.horizon == nil)
    }

    @Test("another moment for the same request replaces the first", arguments: [5, 50])
    func moved(second: Int) {
        var window = DueWindow(capacity: 2)
        window.insert(.make("k"), due: .at(10))
        window.insert(.make("k"), due: .at(second))
        #expect(window.count == 1 && window[.make("k")] == .at(second))
        #expect(window.popDue(at: .at(second - 1)) == nil)
        #expect(window.popDue(at: .at(second)) == .make("k"))
        #expect(window.popDue(at: .distantFuture) == nil)
    }

    @Test("whatever is done, it agrees with a naive model", arguments: 0..<50 as Range<UInt64>)
    func model(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var window = DueWindow(capacity: 8)
        var model: [Key: Timestamp] = [:]
        var letGo: Timestamp?
        for _ in 0..<400 {
            let key = Key.make("k\(Int.random(in: 0..<20, using: &random))")
            let moment = Timestamp.at(Int.random(in: 0..<50, using: &random))
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                window.insert(key, due: moment)
                model[key] = moment
                if model.count > 8, let farthest = model.values.max() {
                    // Of several at the farthest moment, any may go.
                    let gone = model.first { $0.value == farthest && window[$0.key] == nil }?.key
                    if let gone { model[gone] = nil }
                    letGo = min(letGo ?? farthest, farthest)
                }
            case 6:
                window.remove(key)
                model[key] = nil
            case 7..<9:
                let due = window.popDue(at: moment)
                #expect(due.map { model[$0] == model.values.min() } ?? !model.values.contains { $0 <= moment })
                if let due { model[due] = nil }
            default:
                window.beginRescan()
                letGo = nil
            }
            #expect(window.count == model.count && window.horizon == letGo)
            #expect(model.allSatisfy { window[$0.key] == $0.value })
            #expect(model.isEmpty || window.next.map { $0 <= model.values.min() ?? $0 } == true)
        }
    }
}
