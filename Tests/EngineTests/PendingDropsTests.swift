import Claim
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("Drops that wait")
struct PendingDropsTests {
    private func drop(_ number: Int) throws -> Drop { try #require(Drop(incoming: "k\(number).json")) }

    private func pending(_ moment: Timestamp?, _ reason: Intake.Pending.Reason = .beingWritten) -> Intake.Pending {
        Intake.Pending(reason: reason, since: noon, lookAgainAt: moment, cutOff: nil)
    }

    @Test("are looked at in the order of their moments, whatever is put in, changed and taken out", arguments: 0..<20)
    func order(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var drops = PendingDrops()
        var model: [Drop: Timestamp?] = [:]
        for step in 0..<500 {
            let drop = try drop(.random(in: 0..<40, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                drops.remove(drop)
                model[drop] = nil
            case 1:
                let now = Timestamp.at(step)
                while let (due, pending) = drops.popDue(at: now) {
                    let moment = try #require(model[due] ?? nil)
                    #expect(moment <= now && pending.lookAgainAt == moment)
                    model.updateValue(nil, forKey: due)
                }
                #expect(model.values.allSatisfy { $0.map { $0 > now } ?? true })
            default:
                let moment =
                    Bool.random(using: &random) ? Timestamp.at(step + .random(in: 0..<50, using: &random)) : nil
                drops.insert(drop, pending(moment))
                model.updateValue(moment, forKey: drop)
            }
            #expect(drops.next == model.values.compactMap { $0 }.min() && drops.count == model.count)
        }
    }

    @Test("are counted apart if they only have to be quiet for a while")
    func unsettled() throws {
        var drops = PendingDrops()
        drops.insert(try drop(1), pending(.at(1), .unsettled(try .make())))
        drops.insert(try drop(2), pending(.at(1), .unsettled(try .make())))
        drops.insert(try drop(1), pending(.at(1)))
        #expect(drops.unsettled == 1)
        drops.remove(try drop(2))
        drops.remove(try drop(2))
        #expect(drops.unsettled == 0 && drops.count == 1)
    }
}
