extension Duration {
    /// Whole milliseconds, rounded up so that a wait never ends early and spins, within 0 and `CInt.max`.
    var pollMilliseconds: CInt {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 2_000_000 else { return CInt.max }
        let partial = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return CInt(seconds * 1000 + partial)
    }

    /// A limit for libcurl, for which 0 would mean none.
    var curlMilliseconds: Int { max(1, Int(pollMilliseconds)) }
}
