import Foundation
import TestSupport

/// Long, so that a few dozen fill a block.
func longName(_ number: Int) -> String { "\(number)" + String(repeating: "-", count: 150) }

/// Links so many names at a path, and returns them.
func makeNames(_ numbers: Range<Int>, at path: String) throws -> Set<String> {
    try Data().write(to: URL(fileURLWithPath: path + "/" + longName(numbers.lowerBound)))
    for number in numbers.dropFirst() {
        guard link(path + "/" + longName(numbers.lowerBound), path + "/" + longName(number)) == 0 else {
            throw HarnessError("\(number) can't be linked: \(String(cString: strerror(errno))).")
        }
    }
    return Set(numbers.map(longName))
}

extension String {
    init(_ name: Span<UInt8>) {
        self.init(decoding: name.indices.map { name[$0] }, as: UTF8.self)
    }
}
