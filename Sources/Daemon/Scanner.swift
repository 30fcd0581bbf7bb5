internal import Deliver
internal import Engine
internal import Files
internal import Settle
internal import Spool
internal import Subscriptions
internal import SystemPackage
internal import Times

/// The thread that reads directories, so that a large one holds up nobody.
final class Scanner: Sendable {
    enum Errand: Sendable {
        case incoming(fromStart: Bool)
        case processing(fromStart: Bool)
        case done(fromStart: Bool)
        case deleteArchived(fromStart: Bool)
        /// - Parameter afterChange: one that the engine was told of waits for this.
        case subscriptions(afterChange: Bool = false)
        case aside
        /// Names that people's `touch`, or our own setting of the time, was seen on.
        case touched([String])
        case tidyTmp
        /// What is known of how subscriptions fared before.
        case health
        case keepHealth(String, SubscriptionHealth?)
        /// Here, so that no look at subscriptions/ from before it is taken for one from after it.
        case disable(Disabling)
        /// Measure the room, and see that the spool stands where it did.
        case lookAround
        case publish(LiveStatus)
    }

    private let inbox = Inbox<Errand>()
    private let thread: Thread

    init(
        _ spool: Spool, window: Duration, deleteAfter: Duration?, floor: RoomFloor, durability: Durability,
        mailbox: Mailbox
    ) throws(ThreadError) {
        let inbox = inbox
        thread = try Thread("scanner") {
            var walker = Walker(spool, window: window, deleteAfter: deleteAfter, durability: durability)
            var surroundings = Surroundings(spool, floor: floor)
            while true {
                let errands = inbox.take()
                if errands.isEmpty { return }
                for errand in errands {
                    switch errand {
                    case .lookAround:
                        mailbox.put(surroundings.look())
                        surroundings.fillReserve()
                    // A disk that refuses it says so where it matters.
                    case .publish(let status): try? spool.publish(status)
                    default: mailbox.put(walker.run(errand))
                    }
                }
            }
        }
    }

    func put(_ errand: Errand) {
        inbox.put([errand])
    }

    func close() {
        inbox.close()
        thread.join()
    }
}

private struct Walker {
    private static let batch = 512
    /// Names in processing/, most of them of sidecars. A look into incoming/ waits for as many: 15 ms, and 80 if the disk has read
    /// none of it lately.
    private static let sweepBatch = 8192

    let spool: Spool
    private var subscriptions: SubscriptionFiles
    /// What subscriptions/ was like before it was read last.
    private var subscriptionsRead: FileStatus?
    var incoming: DirectoryScan?
    var processing: DirectorySweep?
    var done: DirectoryScan?
    let archiver: Archiver
    var deleter: ArchiveDeleter?
    let health: HealthFiles

    init(_ spool: Spool, window: Duration, deleteAfter: Duration?, durability: Durability) {
        self.spool = spool
        health = HealthFiles(spool, durability)
        archiver = Archiver(spool, window: window)
        deleter = deleteAfter.map { ArchiveDeleter(spool, after: $0) }
        subscriptions = SubscriptionFiles(spool)
    }

    mutating func run(_ errand: Scanner.Errand) -> [Event] {
        switch errand {
        case .incoming(let fromStart):
            let names = readIncoming(fromStart: fromStart)
            // What was dropped after a subscriber came is for it, too, and this look may be ahead of the event that tells of it.
            let isStale = (try? spool.subscriptions.status(".")) != subscriptionsRead
            return isStale ? [readSubscriptions(), names] : [names]
        case .processing(let fromStart): return [readProcessing(fromStart: fromStart)]
        case .done(let fromStart): return readDone(fromStart: fromStart)
        case .deleteArchived(let fromStart): return [.deleted(deleteArchived(fromStart: fromStart))]
        case .subscriptions(let afterChange):
            return [readSubscriptions(afterChange: afterChange)]
        case .aside: return ((try? spool.aside.names()) ?? []).map { .leftAside($0) }
        case .touched(let names): return names.compactMap(touched)
        case .tidyTmp:
            tidyTmp()
            tidyAside()
            return []
        case .health: return [.health(spool.keptHealth())]
        case .keepHealth(let name, let state):
            health.keep(state, of: name)
            return []
        case .disable(let disabling):
            let code = health.disable(disabling)
            return [.disabled(disabling.subscription, code), readSubscriptions()]
        case .lookAround, .publish: return []
        }
    }

    private mutating func readSubscriptions(afterChange: Bool = false) -> Event {
        subscriptionsRead = try? spool.subscriptions.status(".")
        return .subscriptions(try? subscriptions.read(), afterChange: afterChange)
    }

    private mutating func readIncoming(fromStart: Bool) -> Event {
        do throws(Errno) {
            if fromStart || incoming == nil { incoming = try DirectoryScan(spool.incoming) }
            let names = try incoming?.next(Walker.batch) ?? []
            let isLast = names.count < Walker.batch
            if isLast { incoming = nil }
            return .scanned(.success(names), isLast: isLast)
        } catch {
            incoming = nil
            return .scanned(.failure(error), isLast: true)
        }
    }

    private mutating func readProcessing(fromStart: Bool) -> Event {
        do throws(Errno) {
            let sweep = if !fromStart, let processing { processing } else { try DirectorySweep(spool.processing) }
            processing = sweep
            let entries = try sweep.next(Walker.sweepBatch) { [spool] name throws(Errno) in
                try DropName.key(ofRequest: name).map { key throws(Errno) in
                    (key: key, modified: try spool.processing.status(name, ".attempts")?.modified)
                }
            }
            let isLast = sweep.isOver
            if isLast { processing = nil }
            return .swept(.success(entries), isLast: isLast)
        } catch {
            processing = nil
            return .swept(.failure(error), isLast: true)
        }
    }

    private mutating func readDone(fromStart: Bool) -> [Event] {
        do throws(Errno) {
            if fromStart || done == nil { done = try DirectoryScan(spool.done) }
            let now = Timestamp.now
            var keys: [Key] = []
            let hasMore = try done?.forEach(Walker.batch) { name throws(Errno) in
                if let key = try archiver.dueKey(ofDoneName: name, now: now) { keys.append(key) }
            }
            let isLast = !(hasMore ?? false)
            if isLast { done = nil }
            return [.expired(.success(keys), isLast: isLast)]
        } catch {
            done = nil
            return [.expired(.failure(error), isLast: true)]
        }
    }

    private mutating func deleteArchived(fromStart: Bool) -> Result<DeletionStep?, Errno> {
        Result { () throws(Errno) in try deleter?.step(fromStart: fromStart, now: .now) }
    }

    private func touched(_ name: String) -> Event? {
        guard let sidecar = SidecarName(name), sidecar.sidecar == .attempts, let key = sidecar.key,
            let status = try? spool.processing.status(name)
        else { return nil }
        return .touched(key, modified: status.modified)
    }

    /// Writers that died leave their files in tmp/; after 36 hours nobody is coming back for them (Maildir's rule).
    /// Counted from the inode's change, too: a copy keeps the times of what it was copied from.
    private func tidyTmp() {
        tidy(spool.tmp) { _ in true }
    }

    /// Entries that a crash kept from being published: if their cause came about again, they have been by now.
    private func tidyAside() {
        tidy(spool.aside) { $0.hasSuffix(Herald.stagedSuffix) }
    }

    private func tidy(_ directory: Directory, where isMeant: (String) -> Bool) {
        guard let names = try? directory.names() else { return }
        let limit = Timestamp.now - .seconds(36 * 3600)
        for bytes in names {
            guard let name = String(validating: bytes, as: UTF8.self), isMeant(name),
                let status = try? directory.status(name), status.kind == .regular,
                max(status.modified, status.changed) < limit
            else { continue }
            _ = try? directory.remove(name)
        }
    }
}
