import Foundation

/// Why the harness could not do what a story asked for.
public struct HarnessError: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// Waits until a condition holds. A healthy story never waits for as long as `timeout`.
public func eventually(
    _ expectation: String, timeout: Duration = .seconds(20), orElse context: @autoclosure () -> String = "",
    _ condition: () throws -> Bool
) throws {
    let limit = ContinuousClock.now + timeout
    while try !condition() {
        guard ContinuousClock.now < limit else {
            throw HarnessError("Waited \(timeout) in vain until \(expectation). \(context())")
        }
        usleep(3000)
    }
}
