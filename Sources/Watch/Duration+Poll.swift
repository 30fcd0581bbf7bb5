extension Duration? {
    /// As poll(2) takes it: milliseconds, rounded up so that a wait never ends early and spins; −1 for ever.
    var pollTimeout: Int32 {
        guard let self else { return -1 }
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = self.components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        let attosecondsPerMillisecond: Int64 = 1_000_000_000_000_000
        return Int32(seconds * 1000 + (attoseconds + attosecondsPerMillisecond - 1) / attosecondsPerMillisecond)
    }
}
