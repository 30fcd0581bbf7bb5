internal import Files
internal import JSON
internal import Process

/// Whether a drop is whole, as far as its content tells.
public enum Completeness: String, Sendable {
    case complete
    case empty
    /// JSON that ends before its closing bracket.
    case cutOff = "cut_off"

    /// Reads a drop; one that can't be read counts as complete, since the daemon will say what is wrong with it.
    static func of(_ name: String, in directory: Directory, _ status: FileStatus?) -> Completeness {
        guard let status, status.kind == .regular else { return .complete }
        if status.size == 0 { return .empty }
        guard status.size <= Submission.standardMaximumBytes,
            let content = try? directory.read(name, upTo: Submission.standardMaximumBytes)
        else { return .complete }
        do throws(JSONError) {
            _ = try JSONReader.read(content)
            return .complete
        } catch {
            return error.isIncomplete ? .cutOff : .complete
        }
    }
}
