internal import Files
internal import Spool
internal import SystemPackage

extension Commit {
    /// Puts in what a submitter is about to be told stands: the request and its `.invoice`, and their names.
    ///
    /// They may be somebody else's and not be durable yet: a careless producer's drop, or an invoice that the daemon is
    /// flushing at this moment. `fsync(2)` works on both; what has moved on meanwhile was flushed by whoever moved it.
    mutating func acknowledge(_ key: Key, in state: State, of spool: Spool) throws(Errno) {
        for name in [key.fileName, Sidecar.invoice.fileName(key)] {
            do throws(Errno) {
                add(try File.reading(name, in: spool.directory(state)))
            } catch .noSuchFileOrDirectory {
                continue
            }
        }
        add(state)
    }
}
