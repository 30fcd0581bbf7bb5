import Deliver
import Spool
import SystemPackage
import TestSupport
import Testing
import Times

@testable import Engine

@Suite("Moving to the archive")
struct ArchiveStories {
    /// An engine that is told what the walks over done/ come to.
    private struct Bare {
        var engine = Engine(policy: .init(), random: SeededGenerator(seed: 1))
        private var walks = 0

        init() { _ = actions(noon, .subscriptions(.init())) }

        private mutating func actions(_ now: Timestamp, _ events: Event...) -> [Action] {
            var actions: [Action] = []
            for event in events { engine.handle(event, at: now, into: &actions) }
            engine.advance(at: now, into: &actions)
            return actions
        }

        /// A walk that finds these keys and ends with these answers; what is said, and how many moves were tried.
        mutating func walk(_ keys: Int, _ answer: (Key) -> Result<String?, Errno>) -> (told: [Errno], moves: Int) {
            let now = noon + .seconds(3600 * walks)
            walks += 1
            var open = actions(now) + actions(now, .expired(.success((0..<keys).map { .make("k\($0)") }), isLast: true))
            var told: [Errno] = []
            var moves = 0
            while !open.isEmpty {
                switch open.removeFirst() {
                case .archive(let key):
                    moves += 1
                    open += actions(now, .archived(key, answer(key)))
                case .report(.unarchivable(_, let code)): told.append(code)
                default: break
                }
            }
            return (told, moves)
        }

        mutating func unreadable(_ code: Errno) -> [Errno] {
            let now = noon + .seconds(3600 * walks)
            walks += 1
            return (actions(now) + actions(now, .expired(.failure(code), isLast: true))).compactMap {
                if case .report(.unarchivable(nil, let code)) = $0 { code } else { nil }
            }
        }
    }

    @Test("goes on past what is refused for one file, and says so once until a whole walk went without")
    func refused() {
        var bare = Bare()
        let day = Result<String?, Errno>.success("2026-11-20")
        let first = bare.walk(40) { $0 == .make("k3") || $0 == .make("k20") ? .failure(.permissionDenied) : day }
        #expect(first.told == [.permissionDenied] && first.moves == 40)
        #expect(bare.engine.tally.archived == 38)
        #expect(bare.walk(2) { _ in .failure(.permissionDenied) }.told == [])
        #expect(bare.walk(2) { $0 == .make("k1") ? .failure(.ioError) : day }.told == [.ioError])
        #expect(bare.walk(1) { _ in day }.told == [])
        #expect(bare.walk(1) { _ in .failure(.permissionDenied) }.told == [.permissionDenied])
    }

    @Test("stops at what is refused for all of them, until the next walk")
    func refusedAltogether() {
        var bare = Bare()
        let first = bare.walk(40) { _ in .failure(.noSpace) }
        #expect(first.told == [.noSpace] && first.moves < 40)
        #expect(bare.walk(40) { _ in .success("2026-11-20") }.moves == 40)
    }

    @Test("says why done/ can't be read")
    func unreadable() {
        var bare = Bare()
        #expect(bare.unreadable(.permissionDenied) == [.permissionDenied])
        #expect(bare.unreadable(.permissionDenied) == [])
    }
}
