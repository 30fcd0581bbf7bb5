internal import CLinux
public import Times

extension Timestamp {
    /// The wall clock (`clock_gettime(2)`, `CLOCK_REALTIME`): people may set it forward or back at any moment.
    public static var now: Timestamp {
        Timestamp(nanoseconds: clinux_now())
    }
}
