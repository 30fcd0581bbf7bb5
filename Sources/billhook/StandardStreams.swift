import Glibc

/// The descriptors 0, 1 and 2, which every program takes for granted.
enum StandardStreams {
    /// Opens /dev/null in the place of those that are closed (`run 2>&-`, some supervisors): the next file that is opened would
    /// get the number, and be written over by what is logged or printed.
    static func fill() {
        var descriptor: Int32
        repeat { descriptor = open("/dev/null", O_RDWR) } while (0...2).contains(descriptor)
        close(descriptor)
    }
}
