import ArgumentParser
import Times

/// A span of time as an argument, or `off` (`never` and `0` say the same).
struct OptionalSpan: ExpressibleByArgument {
    /// `nil` for `off`.
    let duration: Duration?

    init(_ duration: Duration?) {
        self.duration = duration
    }

    init?(argument: String) {
        if ["off", "never", "0"].contains(argument) {
            duration = nil
        } else if let span = Duration(text: argument) {
            duration = span == .zero ? nil : span
        } else {
            return nil
        }
    }

    var defaultValueDescription: String { duration?.text ?? "off" }
}
