import TestSupport

/// What happens in one cut, all of it from a seed.
struct PowerCutPlan: CustomStringConvertible {
    /// Who does what until the power goes.
    enum Load: String, Sendable {
        /// Many submits and many careless producers at once.
        case flood
        /// One request after another: no flush of a neighbour's hides a missing one.
        case calm
        /// The same while no daemon runs.
        case unserved
        /// `submit` of what a careless producer has just dropped, while no daemon runs.
        case echoes
        /// `submit --wait=processed`, one after another.
        case waits
        /// A person moves requests from done/ and dead/ to incoming/.
        case returns
        /// Spools are made, one after another.
        case births
        /// What ends in dead/: no requests, and keys that are taken.
        case rejects
        /// Careless producers who leave it to the content to say the key.
        case orders
    }

    /// When the power goes.
    enum Moment: Sendable, Equatable {
        /// So many microseconds after the start.
        case instant(Int)
        /// In the moment in which `submit` says this number of a request.
        case acknowledged(Int)
        /// When this number of a webhook is received, before it is answered.
        case called(Int)
        /// When so many more requests have come to done/ or dead/, and some microseconds after.
        case settled(Int, Int)
    }

    let kind: PowerCutVolume.Kind
    let seed: UInt64
    let load: Load
    let moment: Moment

    init(_ kind: PowerCutVolume.Kind, seed: UInt64) {
        var random = SeededGenerator(seed: seed &* 0x2545_f491_4f6c_dd1d)
        self.kind = kind
        self.seed = seed
        let micros = Int.random(in: 0...3000, using: &random)
        (load, moment) =
            switch seed % 12 {
            case 6: (.births, .acknowledged(Int.random(in: 1...3, using: &random)))
            case 0: (.flood, .instant(Int.random(in: 5_000...300_000, using: &random)))
            case 1: (.unserved, .acknowledged(Int.random(in: 1...4, using: &random)))
            case 2: (.calm, .called(Int.random(in: 1...8, using: &random)))
            case 3: (.returns, .called(Int.random(in: 1...4, using: &random)))
            case 4: (.calm, .settled(Int.random(in: 1...4, using: &random), micros))
            case 5: (.echoes, .acknowledged(Int.random(in: 1...3, using: &random)))
            case 9: (.orders, .instant(Int.random(in: 5_000...150_000, using: &random)))
            case 7: (.flood, .called(Int.random(in: 1...300, using: &random)))
            case 8: (.rejects, .settled(Int.random(in: 1...5, using: &random), micros))
            case 10: (.waits, .acknowledged(Int.random(in: 1...3, using: &random)))
            default: (.flood, .acknowledged(Int.random(in: 1...40, using: &random)))
            }
    }

    var isServed: Bool { ![.unserved, .echoes, .births].contains(load) }

    var description: String { "\(kind.rawValue), seed \(seed): \(load.rawValue), \(moment)" }
}
