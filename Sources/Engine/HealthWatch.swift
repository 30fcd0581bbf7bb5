internal import Deliver
internal import Times

/// Which subscriptions fail, and which are being disabled.
struct HealthWatch {
    /// Those that have failed with no success since.
    var subscriptions: [String: SubscriptionHealth] = [:] {
        didSet { changes &+= 1 }
    }
    /// How often that changed.
    private(set) var changes: UInt64 = 0
    /// Those whose `.disabled` file does not stand yet; they count as disabled all the same.
    var disabling: [String: Disabling] = [:]
    /// How many of these files are being written.
    var underWay = 0
    /// Whether people were told that such a file can't be written.
    var isReported = false
    /// When a file that could not be written is tried again.
    var retryAt: Timestamp?
    /// Whether refused requests are to raise `invoice.failed`.
    var announcesFailures = false

    var isAtRest: Bool { underWay == 0 }

    static let retryPause = Duration.seconds(60)
}

/// What an attempt calls for beside its line.
struct Aftermath {
    var raising: [EventDraft] = []
    var disabling: Disabling?
}
