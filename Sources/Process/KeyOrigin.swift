/// Where the key of an invoice came from, if not from its file's name: what the `.invoice` records of it.
public struct KeyOrigin: Sendable, Equatable {
    /// The spool's setting: `content` or `field:NAME`.
    public let keyFrom: String
    /// Under which name the file was dropped, with what can't be shown of it escaped; `nil` if that was lost.
    public let fileName: String?

    public init(keyFrom: String, fileName: String?) {
        self.keyFrom = keyFrom
        self.fileName = fileName
    }
}
