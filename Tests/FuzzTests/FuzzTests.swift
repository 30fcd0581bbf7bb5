import Foundation
import Testing

/// Random and damaged inputs for everything that reads bytes of others.
///
/// `BILLHOOK_FUZZ_SECONDS` says how long, over all readers (3); `BILLHOOK_FUZZ_SEED` with which seed. The same seed gives
/// the same inputs in the same order, so that what fails, or traps, does so again; a failure names the number and the bytes.
/// `BILLHOOK_FUZZ_TRACE` set to a file's path leaves there the target and number of the input that was being read.
@Suite("Any bytes", .serialized)
struct FuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seconds = environment["BILLHOOK_FUZZ_SECONDS"].flatMap(Double.init) ?? 3
    private static let seed = environment["BILLHOOK_FUZZ_SEED"].flatMap(UInt64.init) ?? 20_261_121
    /// What must be read however slow the machine is; so many are read in a small part of the time.
    private static let leastInputs = 200
    /// More than any input takes by far: what takes longer grows faster than its length.
    private static let longest = Duration.seconds(2)

    @Test(
        "are read or refused, without a trap, and what is read is what was written", arguments: FuzzTarget.all.indices)
    func run(index: Int) throws {
        let target = FuzzTarget.all[index]
        let mutator = Mutator(seed: FuzzTests.seed, examples: target.examples, tokens: target.tokens)
        let clock = ContinuousClock()
        let end = clock.now + .seconds(FuzzTests.seconds / Double(FuzzTarget.all.count))
        var number = 0
        while number < FuzzTests.leastInputs || clock.now < end {
            let input = mutator.input(number)
            try trace(target, number)
            let start = clock.now
            let objection = target.objection(input)
            #expect(clock.now - start < FuzzTests.longest, "\(target.name) \(number) takes too long")
            if let objection {
                let text = String(decoding: input.prefix(400), as: UTF8.self)
                Issue.record(
                    "\(target.name), seed \(FuzzTests.seed), input \(number): \(objection). \(Data(input).base64EncodedString()) \(text)"
                )
                break
            }
            number += 1
        }
        print("fuzz inputs run: \(number) (\(target.name), seed \(FuzzTests.seed))")
    }

    private func trace(_ target: FuzzTarget, _ number: Int) throws {
        guard let path = FuzzTests.environment["BILLHOOK_FUZZ_TRACE"] else { return }
        try Data("\(target.name) \(number)\n".utf8).write(to: URL(fileURLWithPath: path))
    }
}
