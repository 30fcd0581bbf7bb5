public import Spool
public import SystemPackage

/// Why an operation on the spool could not be done, for the person who asked for it.
///
/// The kind is for programs: the commands turn it into an exit code, a door over HTTP into a status.
public struct OperateError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, CaseIterable {
        /// The request contradicts itself, or lacks something.
        case usage
        /// What was given is not acceptable: an invalid request, a conflict, a bad subscription.
        case data
        /// What was named does not stand.
        case noInput
        /// Something that is to be made stands already, or can't be made.
        case cannotCreate
        /// The disk is full, read-only or broken.
        case inputOutput
        /// It may go well later.
        case tryAgain
        /// The user lacks a right.
        case notPermitted
        /// The spool's settings, or the subscriptions, are at fault.
        case configuration
    }

    public let kind: Kind
    /// Whole sentences: what, where, why, and what to do. Nothing of a payload, and no secret.
    public let description: String

    public init(_ kind: Kind, _ sentences: String) {
        self.kind = kind
        description = sentences
    }
}

extension OperateError {
    /// A failed system call.
    ///
    /// - Parameter problem: what could not be done, as the first half of a sentence: `incoming/a.json can't be written`.
    public init(_ code: Errno, problem: String) {
        switch code {
        case .permissionDenied, .notPermitted:
            self.init(.notPermitted, "\(problem): \(code). Run this as a user that may, or change the owner or mode.")
        case .noSpace, .diskQuotaExceeded:
            self.init(.inputOutput, "\(problem): \(code). Make room, then do it again; nothing was lost.")
        case .readOnlyFileSystem:
            self.init(.cannotCreate, "\(problem): \(code). Mount it writable, then do it again.")
        case .noSuchFileOrDirectory, .isDirectory, .notDirectory:
            self.init(.noInput, "\(problem): \(code). Check the path.")
        case .resourceTemporarilyUnavailable, .tooManyOpenFiles, .tooManyOpenFilesInSystem:
            self.init(.tryAgain, "\(problem): \(code). Do it again in a moment.")
        default:
            self.init(.inputOutput, "\(problem): \(code). Check the disk and the file system.")
        }
    }

    /// A spool that can't be opened or made.
    public init(_ error: SpoolError) {
        let kind: Kind =
            switch error {
            case .missing: .noInput
            case .notASpool, .keySource: .cannotCreate
            case .directory(_, _, let code), .file(_, _, let code), .unflushable(_, let code):
                OperateError(code, problem: "").kind
            case .settings, .severalFileSystems, .unsafeRenames: .configuration
            case .locked: .tryAgain
            }
        self.init(kind, error.description)
    }
}

/// Calls the file system, and says of its error what could not be done.
func explaining<Value>(
    _ problem: @autoclosure () -> String, _ body: () throws(Errno) -> Value
) throws(OperateError) -> Value {
    do throws(Errno) {
        return try body()
    } catch {
        throw OperateError(error, problem: problem())
    }
}
