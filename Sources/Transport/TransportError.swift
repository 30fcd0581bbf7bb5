/// Why a `Transport` could not be made.
public struct TransportError: Error, CustomStringConvertible, Equatable {
    /// The part of libcurl that refused.
    let step: String

    /// A sentence for people.
    public var description: String {
        "libcurl could not be set up (\(step) failed): there may be no memory or no free descriptors; "
            + "raise the limits (ulimit -v, ulimit -n) and start again."
    }
}
