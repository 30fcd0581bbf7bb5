internal import Deliver
internal import Spool
internal import Times

/// Subscriptions with `"ordering": "customer"`: a later invoice of a customer waits until the earlier ones were delivered
/// or given up. Earlier is what was processed earlier.
extension Engine {
    private func isOrdered(_ name: String) -> Bool {
        roster.hasOrder && roster.members[name]?.subscription?.ordering == .customer
    }

    /// Takes note of a job's deliveries, or the last of them, before any of them is offered.
    mutating func enterOrder(_ job: Job, from first: Int = 0) {
        guard roster.hasOrder, let customer = job.event.customerID else { return }
        for task in job.tasks[first...] where isOrdered(task.subscription) {
            books[task.subscription, default: OrderBook()].enter(
                OrderBook.Place(processedAt: job.event.timestamp, key: job.key, hasBegun: task.attempt > 1),
                of: customer)
        }
    }

    mutating func beginInOrder(_ key: Key, _ subscription: Subscription) {
        if subscription.ordering == .customer { books[subscription.name]?.begin(key) }
    }

    /// Whether nobody earlier stands before a delivery.
    func isItsTurn(_ job: Job, _ task: Int) -> Bool {
        let name = job.tasks[task].subscription
        return !isOrdered(name) || knownOrders.contains(name) && books[name]?.isFirst(job.key) ?? true
    }

    /// A delivery has ended: the customer's next may go.
    mutating func leaveOrder(_ key: Key, _ subscription: String, at now: Timestamp, _ actions: inout [Action]) {
        guard !books.isEmpty, let next = books[subscription]?.leave(key) else { return }
        takeUp(next, for: subscription, at: now, &actions)
    }

    /// A request has left processing/: nobody waits for it any more.
    mutating func leaveOrder(_ key: Key, at now: Timestamp, _ actions: inout [Action]) {
        guard !books.isEmpty else { return }
        for name in books.keys.sorted() { leaveOrder(key, name, at: now, &actions) }
    }

    private mutating func takeUp(
        _ key: Key, for subscription: String, at now: Timestamp, _ actions: inout [Action]
    ) {
        guard let job = jobs[key] else { return loads.append(key) }
        for task in job.tasks.indices
        where job.tasks[task].subscription == subscription && job.tasks[task].state == .held {
            job.tasks[task].state = .waiting(.distantPast)
            offer(job, task, at: now, &actions)
        }
    }

    /// A walk over all of processing/ has ended: once what it found is loaded, and what is in memory has been planned for who
    /// hears of it now, the order is known.
    mutating func orderWasWalked() {
        orderAwaits = Array(loads.keys) + jobs.keys
    }

    mutating func completeOrder(at now: Timestamp, _ actions: inout [Action]) {
        // One by one: loads end in another order than they began.
        while let key = orderAwaits?.last, !loads.contains(key), jobs[key].map(isCurrent) ?? true {
            orderAwaits?.removeLast()
        }
        guard orderAwaits?.isEmpty ?? false else { return }
        orderAwaits = nil
        for name in roster.members.keys.sorted() where isOrdered(name) && knownOrders.insert(name).inserted {
            for key in books[name]?.leaders ?? [] { takeUp(key, for: name, at: now, &actions) }
        }
    }

    /// A person may have taken away a request that others wait for, and no event tells of that.
    mutating func lookForObstacles() {
        for key in books.values.flatMap(\.obstacles).prefix(limits.loads) where jobs[key] == nil { loads.append(key) }
    }

    /// Forgets the order of subscriptions that don't ask for one any more.
    mutating func forgetOrder() {
        for name in books.keys where !isOrdered(name) { books[name] = nil }
        knownOrders = knownOrders.filter { isOrdered($0) }
    }
}
