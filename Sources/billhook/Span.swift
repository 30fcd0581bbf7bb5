import ArgumentParser
import Times

/// An argument that says what it takes, where a value of it can't be used.
protocol Explained: ExpressibleByArgument, CustomStringConvertible {
    /// A whole sentence.
    static var whatIsValid: String { get }
}

extension Option where Value: Explained {
    /// An option that says what it takes; of itself the parser would only say that the value is invalid. The default is added
    /// here, since the parser leaves it out where a value is transformed.
    init(wrappedValue: Value, name: NameSpecification, about: String) {
        self.init(wrappedValue: wrappedValue, name: name, help: "\(about) (default: \(wrappedValue))") { argument in
            guard let value = Value(argument: argument) else { throw ValidationError(Value.whatIsValid) }
            return value
        }
    }
}

/// A span of time as an argument: `200ms`, `5s`, `30m`, `2h`, `1d`.
struct Span: Explained {
    let duration: Duration

    static let whatIsValid = "Write a whole number and a unit: 200ms, 5s, 30m, 2h, 1d."

    init(_ duration: Duration) {
        self.duration = duration
    }

    init?(argument: String) {
        guard let duration = Duration(text: argument) else { return nil }
        self.duration = duration
    }

    var description: String { duration.text }
}

/// A span of time after which something happens once and for all, or `never` (`off` says the same).
///
/// A span of zero is refused: some mean "never" by it and others "at once", and what is deleted does not come back.
struct Limit: Explained {
    /// `nil` for never.
    let duration: Duration?

    static let never = Limit(nil)
    static let whatIsValid =
        "Write a whole number greater than zero and a unit, such as 12h or 90d, or 'never' (or 'off') for never."

    init(_ duration: Duration?) {
        self.duration = duration
    }

    init?(argument: String) {
        if argument == "never" || argument == "off" {
            duration = nil
        } else {
            guard let span = Duration(text: argument), span > .zero else { return nil }
            duration = span
        }
    }

    var description: String { duration?.text ?? "never" }
}
