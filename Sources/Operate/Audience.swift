internal import Deliver
internal import Process
internal import Times

/// Adds up, request by request, what each subscription has coming.
struct Audience {
    private let roster: Roster
    private let now: Timestamp
    private let heldBack: [String: Timestamp]
    private var found: [String: SubscriptionStatus] = [:]

    /// - Parameters:
    ///   - disablings: what the `.disabled` files say.
    ///   - failing: since when every attempt has failed, by the names of those of which that is so.
    ///   - heldBack: until when the daemon holds back calls, by the names of those of which that is so.
    init(
        _ snapshot: Roster.Snapshot, _ disablings: [String: Disabling], failing: [String: Timestamp] = [:],
        heldBack: [String: Timestamp] = [:], at now: Timestamp
    ) {
        self.now = now
        self.heldBack = heldBack
        roster = Roster(snapshot, at: now)
        for member in roster.members.values {
            let condition = Audience.condition(of: member, disablings[member.name], failing: failing[member.name])
            found[member.name] = SubscriptionStatus(member.name, condition)
        }
    }

    /// By name.
    var statuses: [SubscriptionStatus] { found.values.sorted { $0.name < $1.name } }

    /// A request that nobody has been told of. Until it is processed, nobody's conditions count.
    ///
    /// - Parameter invoice: the bytes of its `.invoice`, read only if somebody has conditions on it.
    mutating func addUnattempted(_ invoice: () -> [UInt8]?) {
        let listeners = roster.audience(of: EventBody.invoiceProcessed, body: Audience.event(invoice()) ?? [])
        // What a disabled one has coming ends without an attempt.
        for name in listeners where !(roster.members[name]?.isDisabled ?? false) {
            found[name]?.waiting += 1
            guard found[name]?.condition.isCalled ?? false else { continue }
            found[name]?.note(now, heldBackUntil: heldBack[name], isOverdue: false, now)
        }
    }

    /// A request with attempts behind it.
    mutating func add(_ event: WebhookEvent, _ log: DeliveryLog, sidecarModified: Timestamp?) {
        for delivery in roster.deliveries(
            of: event, log: log, sidecarModified: sidecarModified, heldBack: heldBack, now: now)
        {
            if delivery.state == .ended(.unsubscribed), log[delivery.deliveryID]?.notBefore != nil {
                found[delivery.subscription, default: SubscriptionStatus(delivery.subscription, .gone)].waiting += 1
            }
            guard delivery.isPending else { continue }
            found[delivery.subscription]?.waiting += 1
            if let last = delivery.lastAttempt, last.outcome != .delivered {
                found[delivery.subscription]?.failing += 1
            }
            if case .waiting(let moment) = delivery.state {
                found[delivery.subscription]?.note(
                    moment, heldBackUntil: delivery.heldBackUntil, isOverdue: delivery.isOverdue, now)
            }
        }
    }

    private static func event(_ invoice: [UInt8]?) -> [UInt8]? {
        guard let invoice, let record = try? InvoiceRecord.read(invoice) else { return nil }
        return EventBody.invoiceProcessed(invoice: invoice, processedAt: record.processedAt)
    }

    private static func condition(
        of member: Roster.Member, _ disabling: Disabling?, failing since: Timestamp?
    ) -> SubscriptionStatus.Condition {
        if member.isDisabled { return .disabled(disabling) }
        if let error = member.error { return .broken(error) }
        if member.isPaused { return .paused }
        return since.map { .failing(since: $0) } ?? .good
    }
}

extension SubscriptionStatus {
    /// What is due at a moment, unless it is held back until a later one.
    fileprivate mutating func note(
        _ moment: Timestamp, heldBackUntil: Timestamp?, isOverdue: Bool, _ now: Timestamp
    ) {
        if isOverdue, heldBackUntil == nil { overdue += 1 }
        if let heldBackUntil, heldBackUntil >= max(moment, now) {
            heldBack += 1
            nextAttempt = min(heldBackUntil, nextAttempt ?? heldBackUntil)
        } else {
            nextAttempt = min(moment, nextAttempt ?? moment)
        }
    }
}
