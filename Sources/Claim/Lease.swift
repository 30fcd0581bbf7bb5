internal import Files
internal import SystemPackage

/// A read lease on a drop, held from the look at it until it has been processed and flushed: a program that opens the file
/// for writing meanwhile waits that long (`fcntl(2)`, `F_SETLEASE`).
struct Lease: Sendable {
    let holder: SharedFile

    init(_ file: consuming File) {
        holder = SharedFile(file)
    }

    /// Whether somebody waits. One that found the file before it was renamed writes into it wherever it is by then.
    var isWanted: Bool {
        (try? holder.file.isWantedByWriter()) ?? false
    }
}
