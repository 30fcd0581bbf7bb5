import Claim
import Deliver
import Engine
import Files
import Hashing
import Process
import Spool
import SystemPackage
import TestSupport
import Times

extension Timestamp {
    /// Noon and so many seconds.
    static func at(_ seconds: Int) -> Timestamp { noon + .seconds(seconds) }
}

extension Key {
    static func make(_ name: String) -> Key {
        guard let key = Key(stem: name) else { preconditionFailure("\(name) is no key") }
        return key
    }
}

extension Invoice {
    static func make(_ key: Key, content: Int, now: Timestamp) -> Invoice {
        let text = #"{"customer_id":"c\#(content % 10)","amount_cents":\#(content + 1)}"#
        guard let request = try? InvoiceRequest.read(Array(text.utf8)) else { preconditionFailure("no request") }
        let hash = ContentHash.sha256(Array(text.utf8))
        let id = InvoiceID.derive(spoolID: "s", key: key.name, requestSHA256: hash, inode: 1, modified: noon)
        return Invoice(
            of: request, id: id, key: key.name, requestSHA256: ContentHash.hex(hash), createdAt: now, processedAt: now)
    }
}

extension ErrorReport {
    static func make(_ now: Timestamp) -> ErrorReport {
        ErrorReport(code: "malformed_json", message: "It is no JSON.", stage: .process, hint: "Mend it.", at: now)
    }
}

extension Subscription {
    /// A subscription without jitter, so that stories know when its next attempt is due.
    static func make(
        _ name: String, events: [String] = ["invoice.*"], waits: [Int] = [], concurrency: Int = 64
    ) -> Subscription {
        Subscription(
            name: name, url: "http://localhost/\(name)", events: events.compactMap { EventPattern($0) },
            retry: RetrySchedule(waits: waits.map { .seconds($0) }, jitterFraction: 0), concurrency: concurrency)
    }
}

extension FileSnapshot {
    /// That of every incomplete drop.
    static let cutOff: FileSnapshot = {
        guard let snapshot = try? make("/sys") else { preconditionFailure("there is no /sys") }
        return snapshot
    }()

    /// Two files that differ, to stand for one at two times.
    static func make(_ path: FilePath = "/proc") throws -> FileSnapshot {
        let directory = try Directory(path.removingLastComponent())
        guard let status = try directory.status(path.lastComponent?.string ?? "") else {
            throw Errno.noSuchFileOrDirectory
        }
        return FileSnapshot(status)
    }
}
