import Foundation
import Synchronization
import TestSupport

/// What the world outside the volume has been told, and what it has done: what a cut must not contradict.
final class PowerCutLedger: Sendable {
    /// A webhook as it was received.
    struct Heard: Sendable {
        let key: String
        let invoiceID: String
        let deliveryID: String
        let body: [UInt8]
        /// Whether it came from the daemon that was started after the cut.
        let isAfter: Bool
        /// Whether it came after a person had moved the request back.
        let isOfReturn: Bool
        let status: Int
    }

    struct Record: Sendable {
        /// Keys that `submit` answered for, with the line that it printed.
        var acknowledged: [String: [UInt8]] = [:]
        /// The ids of the spools that were made, by path.
        var born: [String: String] = [:]
        var heard: [Heard] = []
        /// How many of the webhooks belong to the past of the spool.
        var past = 0
        /// Keys that producers who flush nothing have begun to drop.
        var careless: Set<String> = []
        /// Keys that a person moved back to incoming/.
        var returned: Set<String> = []
        /// Whether the daemon was started again after the cut.
        var isAfter = false
        /// Whether those requests fail that are to be in dead/.
        var receiverIsDown = false
        /// Deliveries that were attempted.
        var known: Set<String> = []
        /// What went wrong in the test itself.
        var troubles: [String] = []
    }

    private let record = Mutex(Record())

    var current: Record { record.withLock { $0 } }

    func note(_ change: (inout sending Record) -> Void) {
        record.withLock { change(&$0) }
    }

    /// Records a call, unless it comes from the other side of the cut, and decides what it is answered. Returns how many there have been since the past.
    func hear(_ call: Call, isTooLate: Bool) -> (status: Int, count: Int) {
        guard let members = try? Members(call.body), let data = try? members.object("data"),
            let key = try? data.text("key"), let id = try? data.text("id"), let deliveryID = call.deliveryID
        else { return (400, 0) }
        return record.withLock { record in
            if isTooLate { return (503, 0) }
            let isFirst = record.known.insert(deliveryID).inserted
            let fails = record.receiverIsDown ? key.hasPrefix("gone") : isFirst && PowerCutRequest.isFlaky(key)
            // No 5xx: a breaker would open, and its pauses take longer than a cut.
            let status = fails ? 422 : 200
            record.heard.append(
                Heard(
                    key: key, invoiceID: id, deliveryID: deliveryID, body: call.body, isAfter: record.isAfter,
                    isOfReturn: record.returned.contains(key), status: status))
            return (status, record.heard.count - record.past)
        }
    }

    /// Takes a line that `submit --json` or `init --json` has printed. Returns how many there are of these now.
    func acknowledge(_ line: [UInt8]) -> Int? {
        if let members = try? Members(line), let spool = try? members.text("spool"), let id = try? members.text("id") {
            return record.withLock { record in
                record.born[spool] = id
                return record.born.count
            }
        }
        guard let members = try? Members(line), let key = try? members.text("key"),
            let outcome = try? members.text("outcome"), ["submitted", "duplicate", "processed"].contains(outcome)
        else { return nil }
        return record.withLock { record in
            record.acknowledged[key] = line
            return record.acknowledged.count
        }
    }
}
