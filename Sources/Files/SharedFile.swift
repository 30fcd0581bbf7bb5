/// An open file that several hold: it is closed when the last of them lets it go.
public final class SharedFile: Sendable {
    public let file: File

    public init(_ file: consuming File) {
        self.file = file
    }
}
