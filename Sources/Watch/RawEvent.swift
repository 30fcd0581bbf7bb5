/// One event as inotify(7) reports it, copied out of the library's storage.
struct RawEvent: Hashable {
    /// The watch descriptor; −1 for an overflow.
    var watch: Int32
    var mask: UInt32
    /// Without padding; empty for an event of the directory itself.
    var name: [UInt8] = []
}
