public import Spool
public import SystemPackage

/// Opening and making spools.
public enum SpoolAccess {
    /// Opens a spool.
    ///
    /// - Throws: `OperateError` of kind `noInput` if there is none at the path, and others as `SpoolError` tells.
    public static func open(_ path: FilePath) throws(OperateError) -> Spool {
        do throws(SpoolError) {
            return try Spool(path)
        } catch {
            throw OperateError(error)
        }
    }

    /// Makes a spool, or completes one that a crash left half made. Returns whether it is new.
    ///
    /// - Throws: `OperateError` of kind `cannotCreate` for a directory that holds other files, and what the file system
    ///   does. Calling it again is safe at any time.
    public static func create(_ path: FilePath) throws(OperateError) -> (spool: Spool, isNew: Bool) {
        if let standing = try? Spool(path) { return (standing, false) }
        do throws(SpoolError) {
            return (try Spool.create(path), true)
        } catch {
            throw OperateError(error)
        }
    }

    /// The sentence for a spool that nobody serves.
    public static func unserved(_ spool: Spool) -> String {
        "Nobody serves this spool; start 'billhook run --spool \(spool.path)'."
    }
}
