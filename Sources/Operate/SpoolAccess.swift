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
    /// - Parameter keySource: where its keys are to come from; `nil` for where those of a spool that stands do, and the
    ///   file names of a new one.
    /// - Throws: `OperateError` of kind `cannotCreate` for a directory that holds other files and for a spool that stands
    ///   with another source of keys, and what the file system does. Calling it again is safe at any time.
    public static func create(
        _ path: FilePath, keySource: KeySource? = nil
    ) throws(OperateError) -> (spool: Spool, isNew: Bool) {
        do throws(SpoolError) {
            if let standing = try? Spool(path) {
                try standing.require(keySource)
                return (standing, false)
            }
            return (try Spool.create(path, keySource: keySource), true)
        } catch {
            throw OperateError(error)
        }
    }

    /// The sentence for a spool that nobody serves.
    public static func unserved(_ spool: Spool) -> String {
        "Nobody serves this spool; start '\(spool.commands.billhook("run"))'."
    }
}
