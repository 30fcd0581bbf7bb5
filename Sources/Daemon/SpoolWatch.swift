internal import Engine
internal import Files
internal import Spool
internal import SystemPackage
internal import Watch

/// Hears from the kernel what people and programs do in the spool. It belongs to one thread.
final class SpoolWatch {
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
    private var batch: [WatchEvent] = []

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

    /// What can be read when something has happened; to be read by ``hear(scanner:)``.
    var descriptor: Int32 { watcher.descriptor }

    /// What has happened since the last time, without waiting; empty after ``close()``. The scanner is told what it is to look
    /// at. What the probe read before the first time is found by the first scan.
    func hear(scanner: Scanner) -> [Event] {
        var events: [Event] = []
        repeat {
            do throws(WatchError) {
                try watcher.next(timeout: .zero, into: &batch)
            } catch {
                return events
            }
            if !batch.isEmpty { events.absorb(pass(on: batch, scanner)) }
            // What is left over is in the library's buffer, where nobody who waits sees it.
        } while batch.count == Watcher.batchLimit
        return events
    }

    func close() {
        watcher.close()
    }

    private func pass(on batch: [WatchEvent], _ scanner: Scanner) -> [Event] {
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
        if !touched.isEmpty { scanner.put(.touched(touched)) }
        if subscriptionsChanged { scanner.put(.subscriptions(afterChange: true)) }
        // First, so that nothing that was dropped after the change is claimed before it is read.
        return subscriptionsChanged ? [.subscriptionsChanged] + events : events
    }

    private func rewatch(_ tag: Int) {
        guard let tag = Tag(rawValue: tag) else { return }
        try? watcher.add(Watcher.Interest(path: tag.path(in: spool), tag: tag.rawValue, events: tag.interest))
    }
}
