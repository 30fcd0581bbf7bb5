import TestSupport

/// Makes inputs: an example, damaged in a few places, or random bytes. The same seed and number give the same input.
struct Mutator {
    private let examples: [[UInt8]]
    private let tokens: [[UInt8]]
    private let seed: UInt64

    /// - Parameter tokens: what is put in now and then, besides random bytes.
    init(seed: UInt64, examples: [String], tokens: [String]) {
        self.seed = seed
        self.examples = examples.map { Array($0.utf8) }
        self.tokens = tokens.map { Array($0.utf8) } + Mutator.nasty
    }

    /// Bytes that have broken readers before.
    private static let nasty: [[UInt8]] = [
        [0], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xef, 0xbb, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82],
        [0x1b],
        [0x0a], [0x0d], [0x22], [0x5c], [0x7f],
    ]

    /// The input of this number.
    func input(_ number: Int) -> [UInt8] {
        var random = SeededGenerator(seed: seed &+ UInt64(number) &* 0x9e37_79b9_7f4a_7c15)
        if number < examples.count { return examples[number] }
        if number.isMultiple(of: 50) {
            return (0..<Int.random(in: 0...64, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        var bytes = pick(examples, &random)
        for _ in 0..<Int.random(in: 1...6, using: &random) { damage(&bytes, &random) }
        return bytes
    }

    private func pick(_ list: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
        list.randomElement(using: &random) ?? []
    }

    private func damage(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let start = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, start + Int.random(in: 0...16, using: &random))
        switch Int.random(in: 0..<9, using: &random) {
        case 0: bytes.replaceSubrange(start..<end, with: [UInt8.random(in: 0...255, using: &random)])
        case 1 where start < bytes.count: bytes[start] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: bytes.removeSubrange(start..<end)
        case 3: bytes.insert(contentsOf: bytes[start..<end], at: start)
        case 4: bytes.removeSubrange(start...)
        case 5:
            let other = pick(examples, &random)
            bytes.replaceSubrange(start..<end, with: other.suffix(Int.random(in: 0...other.count, using: &random)))
        case 6:
            let repeated = [[UInt8]](repeating: pick(tokens, &random), count: Int.random(in: 1...200, using: &random))
            bytes.insert(contentsOf: repeated.joined(), at: start)
        case 7: bytes.replaceSubrange(start..<end, with: pick(tokens, &random))
        default: bytes.insert(contentsOf: pick(tokens, &random), at: start)
        }
    }
}
