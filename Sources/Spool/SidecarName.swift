/// What the name of a sidecar says, such as `KEY.json.invoice`.
public struct SidecarName: Equatable, Sendable {
    public let sidecar: Sidecar
    /// The name of the file that it stands beside: a request's, an event's entry's, or a conflict's.
    public let owner: String

    /// `nil` for every other name. What it stands beside need not be a name for a request.
    public init?(_ name: String) {
        guard let sidecar = Sidecar.allCases.first(where: { name.hasSuffix($0.suffix.description) }) else { return nil }
        self.sidecar = sidecar
        owner = String(name.dropLast(sidecar.rawValue.utf8.count + 1))
    }

    /// The key of the request, or the entry, that it stands beside; `nil` if that is neither.
    public var key: Key? { Key(fileName: owner) }
}
