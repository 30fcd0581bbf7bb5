import Synchronization

/// Pulls the switch when the moment of a plan has come; deaf until it is armed, and after it was disarmed.
final class PowerCutTrigger: Sendable {
    private let moment: PowerCutPlan.Moment
    private let power = Mutex<PowerCutSwitch?>(nil)

    init(_ moment: PowerCutPlan.Moment) {
        self.moment = moment
    }

    func arm(_ power: PowerCutSwitch) {
        self.power.withLock { $0 = power }
    }

    /// Lets go of the volume, so that it can be unmounted.
    func disarm() {
        power.withLock { $0 = nil }
    }

    /// So many requests have been acknowledged.
    func acknowledged(_ count: Int) {
        if case .acknowledged(let wanted) = moment, count >= wanted { pull() }
    }

    /// So many webhooks have come; called before they are answered.
    func called(_ count: Int) {
        if case .called(let wanted) = moment, count >= wanted { pull() }
    }

    /// Whether the power has gone, or is going. What is said from then on counts for nothing: in a real cut nobody says
    /// it, and a forced shutdown can let an `fsync(2)` that is under way on XFS end well, since the shutdown unpins the
    /// inode that it waits for.
    var isTooLate: Bool { power.withLock { $0 }?.isOff ?? false }

    private func pull() {
        power.withLock { $0 }?.pull()
    }
}
