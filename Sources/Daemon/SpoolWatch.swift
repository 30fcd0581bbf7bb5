internal import Engine
internal import Files
internal import Spool
internal import SystemPackage
internal import Watch

/// The thread that hears from the kernel what people and programs do in the spool.
final class SpoolWatch: Sendable {
    private enum Tag: Int, CaseIterable {
        case incoming, processing, subscriptions
        /// The spool itself, for what is taken from it.
        case spool

        var interest: Watcher.Kinds {
            switch self {
            case .incoming: .arrivals
            case .processing: .attributes
            case .subscriptions: [.arrivals, .removals, .attributes]
            case .spool: .removals
            }
        }

        func path(in spool: Spool) -> String {
            self == .spool ? spool.path.string : spool.path.appending("\(self)").string
        }
    }

    /// Why events can't be relied on, so that the directories have to be read again and again; `nil` if they can.
    let objection: String?
    private let watcher: Watcher
    private let spool: Spool

    /// Watches from here on: what stands already is found by scanning afterwards.
    init(_ spool: Spool) throws(WatchError) {
        self.spool = spool
        watcher = try Watcher()
        for tag in Tag.allCases {
            try watcher.add(Watcher.Interest(path: tag.path(in: spool), tag: tag.rawValue, events: tag.interest))
        }
        let incoming = Tag.incoming.path(in: spool)
        objection = try SpoolWatch.objection(watcher, in: incoming)
    }

    /// On a full disk that can't be tried; where it is no network's, it does.
    private static func objection(_ watcher: Watcher, in directory: String) throws(WatchError) -> String? {
        do throws(WatchError) {
            var others: [WatchEvent] = []
            return try NotificationProbe.objection(
                watcher, directory: directory, tag: Tag.incoming.rawValue, others: &others)
        } catch {
            guard error.code == .probeFailed, Errno(rawValue: error.number).isOutOfSpace else { throw error }
            return nil
        }
    }

    /// Passes on what happens until the watcher is closed. What the probe read meanwhile is found by the first scan.
    func start(mailbox: Mailbox, scanner: Scanner) throws(ThreadError) -> Thread {
        try Thread("watch") { [self] in
            var batch: [WatchEvent] = []
            while true {
                do throws(WatchError) {
                    try watcher.next(timeout: nil, into: &batch)
                } catch {
                    return
                }
                pass(batch, mailbox, scanner)
            }
        }
    }

    func close() {
        watcher.close()
    }

    private func pass(_ batch: [WatchEvent], _ mailbox: Mailbox, _ scanner: Scanner) {
        var events: [Event] = []
        var touched: [String] = []
        var subscriptionsChanged = false
        for event in batch {
            switch event {
            case .arrived(Tag.incoming.rawValue, let name, let how):
                events.append(.dropped(name: name, isSettled: how != .created))
            case .touched(Tag.processing.rawValue, let name):
                touched.append(String(decoding: name, as: UTF8.self))
            case .overflow:
                events.append(.rescan(includingProcessing: true))
                subscriptionsChanged = true
            case .lost(let tag):
                rewatch(tag)
                events.append(.rescan(includingProcessing: true))
                subscriptionsChanged = true
            case .removed(Tag.spool.rawValue, _): events.append(.rescan(includingProcessing: false))
            case .arrived, .removed, .touched:
                subscriptionsChanged = true
            }
        }
        // First, so that nothing that was dropped after the change is claimed before it is read.
        mailbox.put(subscriptionsChanged ? [.subscriptionsChanged] + events : events)
        if !touched.isEmpty { scanner.put(.touched(touched)) }
        if subscriptionsChanged { scanner.put(.subscriptions(afterChange: true)) }
    }

    private func rewatch(_ tag: Int) {
        guard let tag = Tag(rawValue: tag) else { return }
        try? watcher.add(Watcher.Interest(path: tag.path(in: spool), tag: tag.rawValue, events: tag.interest))
    }
}
