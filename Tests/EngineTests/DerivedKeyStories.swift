import Claim
import Deliver
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("Drops whose key is in their content")
struct DerivedKeyStories {
    private static let name = "Rechnung 7.json"
    private static let report = ErrorReport(
        code: "missing_field", message: "No.", stage: .claim, hint: "Yes.", at: noon)

    /// An engine that knows who hears of invoices, and that there is room.
    private func engine(_ keySource: KeySource = .derived(.content)) -> Engine {
        var policy = Engine.Policy()
        policy.keySource = keySource
        policy.idempotencyWindow = nil
        var engine = Engine(policy: policy, random: SeededGenerator(seed: 1))
        var actions: [Action] = []
        engine.handle(.subscriptions(Roster.Snapshot()), at: noon, into: &actions)
        engine.handle(.room(nil), at: noon, into: &actions)
        return engine
    }

    private func tell(_ engine: inout Engine, _ event: Event, at now: Timestamp = noon) -> [Action] {
        var actions: [Action] = []
        engine.handle(event, at: now, into: &actions)
        engine.advance(at: now, into: &actions)
        return actions
    }

    private func claims(_ actions: [Action]) -> [Drop] {
        actions.compactMap { if case .claim(let drop, _, _) = $0 { drop } else { nil } }
    }

    private func dropped(_ name: String) -> Event { .dropped(name: Array(name.utf8), isSettled: true) }

    private func aside() throws -> Drop { try #require(Drop(aside: "~00112233")) }

    @Test("are claimed whatever their name, where keys are derived, and refused where they are not")
    func anyName() {
        var derived = engine()
        #expect(claims(tell(&derived, dropped(Self.name))).map(\.name) == [Self.name])
        var named = engine(.name)
        let actions = tell(&named, dropped(Self.name))
        #expect(claims(actions).isEmpty)
        #expect(actions.contains { if case .refuse = $0 { true } else { false } })
    }

    @Test("are no events' entries: one that comes back is claimed by its name")
    func entry() {
        var engine = engine()
        let name = "+evt_" + String(repeating: "0", count: 32) + ".json"
        let drops = claims(tell(&engine, dropped(name)))
        #expect(drops.map(\.name) == [name] && drops.allSatisfy { !$0.isUnkeyed && $0.key.isEntry })
    }

    @Test("are claimed for their key as soon as it is known, before all that wait")
    func derived() throws {
        var engine = engine()
        let first = try #require(claims(tell(&engine, dropped(Self.name))).first)
        let aside = try aside()
        let next = claims(tell(&engine, .claimed(first, .success(.derived(aside)))))
        #expect(next == [aside])
        _ = tell(&engine, .claimed(aside, .success(.duplicate(of: .done))))
        #expect(engine.tally.duplicates == 1)
        #expect(engine.intake.isAtRest)
    }

    @Test("without a key count as dead, and are told of by their file name")
    func keyless() throws {
        var engine = engine()
        let drop = try #require(claims(tell(&engine, dropped(Self.name))).first)
        let actions = tell(&engine, .claimed(drop, .success(.keyless(fileName: "refused-1", Self.report))))
        #expect(engine.tally.dead == 1)
        let told = actions.contains {
            if case .report(.keyless(let name, "refused-1", _)) = $0 { name == Self.name } else { false }
        }
        #expect(told)
        #expect(engine.intake.isAtRest)
    }

    @Test("that the file system refuses half way are looked for in aside/, and no key is loaded for them")
    func refused() throws {
        var engine = engine()
        let drop = try #require(claims(tell(&engine, dropped(Self.name))).first)
        let actions = tell(&engine, .claimed(drop, .failure(.permissionDenied)))
        #expect(!actions.contains { if case .load = $0 { true } else { false } })
        let later = noon + engine.policy.quietPeriod
        let looks = tell(&engine, .rescan(includingProcessing: false), at: later)
        #expect(looks.contains { if case .listAside = $0 { true } else { false } })
    }

    @Test("left aside by a crash are claimed from there, and only where keys are derived")
    func leftAside() throws {
        for (keySource, count) in [(KeySource.derived(.content), 1), (.name, 0)] {
            var engine = engine(keySource)
            #expect(claims(tell(&engine, .leftAside(Array("~00112233".utf8)))).count == count)
            #expect(claims(tell(&engine, .leftAside(Array("~00112233.name".utf8)))).isEmpty)
        }
    }
}
