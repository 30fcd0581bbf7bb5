import Spool
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("The table of keys")
struct KeyTableTests {
    @Test("whatever comes and goes, it agrees with a dictionary", arguments: 0..<20 as Range<UInt64>)
    func model(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var table = KeyTable()
        var model: [Key: Timestamp] = [:]
        let most = Int.random(in: 1...400, using: &random)
        for _ in 0..<4000 {
            // Long names now and then, so that gaps are closed.
            let number = Int.random(in: 0..<most, using: &random)
            let key = Key.make("k\(number)" + String(repeating: "x", count: number % 5 * 40))
            let moment = Timestamp.at(Int.random(in: 0..<1000, using: &random))
            if let place = table.place(of: key) {
                #expect(table.key(at: place) == key && table.moment(at: place) == model[key])
                if Bool.random(using: &random) {
                    table.remove(place)
                    model[key] = nil
                } else {
                    table.setMoment(moment, at: place)
                    model[key] = moment
                }
            } else {
                #expect(model[key] == nil)
                let place = table.add(key, moment)
                model[key] = moment
                #expect(table.key(at: place) == key)
            }
            #expect(table.count == model.count && table.isEmpty == model.isEmpty)
        }
        #expect(Set(table.places.compactMap { table.key(at: $0) }) == Set(model.keys))
    }

    @Test("a place that was left is taken again, and tells nothing of who stood there")
    func places() {
        var table = KeyTable()
        let first = table.add(.make("first"), .at(1))
        _ = table.add(.make("other"), .at(2))
        table.remove(first)
        #expect(table.moment(at: first) == nil && table.key(at: first) == nil && table.place(of: .make("first")) == nil)
        #expect(table.add(.make("next"), .at(3)) == first)
        #expect(table.key(at: first) == .make("next") && table.moment(at: first) == .at(3))
    }
}
