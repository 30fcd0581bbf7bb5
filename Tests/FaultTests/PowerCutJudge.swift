import Foundation
import TestSupport

/// Finds what the aftermath of a cut has in it that was promised not to be.
struct PowerCutJudge {
    private let wreck: PowerCutSnapshot
    private let after: PowerCutSnapshot
    private let ledger: PowerCutLedger.Record
    private let ids: [String: String]
    private let status: Int32
    private let plan: PowerCutPlan

    init(_ aftermath: PowerCutScene.Aftermath) {
        wreck = aftermath.wreck
        after = aftermath.after
        ledger = aftermath.ledger
        ids = aftermath.ids
        status = aftermath.status
        plan = aftermath.plan
    }

    /// Sentences, one for each violation.
    func violations() -> [String] {
        var found = ledger.troubles
        if ![0, 65].contains(status) { found.append("The daemon ended with \(status) after the cut.") }
        for (spool, id) in ledger.born.sorted(by: { $0.key < $1.key }) where ids[spool] != id + "\n" {
            found.append("The spool \(spool), made as \(id), is '\(ids[spool] ?? "")' after the cut.")
        }
        found += acknowledgedIsThere() + whatWasHeardIsThere() + oneInvoiceForOneKey()
        found += settledIsComplete(wreck, "in the wreck") + settledIsComplete(after, "at the end")
        found += namesAreKept() + requestsAreWhole() + nothingIsElsewhere() + recordsOnlyGrow() + returnsWereHonoured()
        return found
    }

    // MARK: The promises

    /// What `submit` answered for is in the spool, once, with its bytes, and comes to its end.
    private func acknowledgedIsThere() -> [String] {
        ledger.acknowledged.sorted { $0.key < $1.key }.flatMap { key, line -> [String] in
            let states = after.states(of: key)
            guard states == ["done"] else {
                let before = wreck.states(of: key)
                return ["\(key), acknowledged, stands in \(states) at the end, and in \(before) in the wreck."]
            }
            var found: [String] = []
            if after["done", key + ".json"] != PowerCutRequest.content(key) {
                found.append("\(key), acknowledged, has other bytes at the end.")
            }
            if line.contains(Array(#""invoice":"#.utf8)), !line.contains(invoice(key, after) ?? [0]) {
                found.append(
                    "submit printed an invoice for \(key) that is not the one at the end: "
                        + "\(String(decoding: line, as: UTF8.self)), then \(text(invoice(key, after)))")
            }
            return found
        }
    }

    /// The invoice that a webhook carried before the cut survived it: in the wreck already, for it was sent as durable.
    private func whatWasHeardIsThere() -> [String] {
        var found: Set<String> = []
        for heard in ledger.heard where !heard.isAfter {
            guard let invoice = invoice(heard.key, wreck) else {
                found.insert("\(heard.key), heard of before the cut, has no whole .invoice in the wreck.")
                continue
            }
            if !heard.body.contains(invoice) { found.insert("\(heard.key) was heard of with another invoice.") }
            let content = PowerCutSnapshot.states.lazy.compactMap { wreck[$0, heard.key + ".json"] }.first
            if content != PowerCutRequest.content(heard.key), !isTwin(content, of: heard.key) {
                found.insert("\(heard.key), heard of before the cut, has \(content?.count ?? -1) bytes in the wreck.")
            }
        }
        return found.sorted()
    }

    /// The drop of somebody else under the same key, not yet claimed.
    private func isTwin(_ content: [UInt8]?, of key: String) -> Bool {
        let inIncoming = wreck["incoming", key + ".json"] == content
        return inIncoming && wreck["done", key + ".json"] == PowerCutRequest.content(key)
    }

    private func oneInvoiceForOneKey() -> [String] {
        Dictionary(grouping: ledger.heard, by: \.key).sorted { $0.key < $1.key }.compactMap { key, calls in
            let ids = Set(calls.map(\.invoiceID))
            guard ids.count == 1, let id = ids.first else { return "\(key) was heard of with several ids: \(ids)." }
            let kept = invoice(key, after).flatMap { try? Members($0).text("id") }
            return kept == id ? nil : "\(key) was heard of as \(id) and is kept as \(kept ?? "nothing")."
        }
    }

    /// A request that is seen in done/ or dead/ has its sidecars beside it: its own rename came last.
    private func settledIsComplete(_ snapshot: PowerCutSnapshot, _ when: String) -> [String] {
        var found: [String] = []
        for name in snapshot.requests("done") {
            let key = String(name.dropLast(5))
            if invoice(key, snapshot, in: ["done"]) == nil {
                found.append("done/\(name) has no whole .invoice \(when).")
            }
            let isRecorded = snapshot.delivered(of: key).count == PowerCutScene.subscriptions.count
            if snapshot["done", name + ".attempts"] == nil || !isRecorded {
                found.append("done/\(name) has no record of all its deliveries \(when).")
            }
        }
        for name in snapshot.requests("dead") {
            let report = snapshot["dead", name + ".error"].flatMap { try? Members($0).text("code") }
            if report == nil { found.append("dead/\(name) has no whole .error \(when).") }
        }
        return found
    }

    /// No file that was taken out of incoming/ is a piece of what it should be.
    private func requestsAreWhole() -> [String] {
        ["processing", "done", "dead", "hold"].flatMap { state in
            after.requests(state).compactMap { name -> String? in
                let bytes = after[state, name] ?? []
                let stem = String(name.dropLast(5))
                let key = stem.components(separatedBy: ".conflict-")[0]
                let expected =
                    switch true {
                    case key != stem: PowerCutRequest.otherContent(key)
                    case key.hasPrefix("bad-"): PowerCutRequest.invalidContent(key)
                    default: PowerCutRequest.content(key)
                    }
                guard bytes != expected, !isSpoilt(name, in: state) else { return nil }
                let before = PowerCutSnapshot.states.filter { wreck[$0, name] != nil }
                return
                    "\(state)/\(name) has \(bytes.count) bytes of \(expected.count); in the wreck it is in \(before)."
            }
        }
    }

    /// Whether the cut itself spoilt a drop that nobody had flushed: it came back as zeros, and was refused as it was.
    ///
    /// ext4 may commit a file's new size before its bytes. What somebody was told of before the cut is judged apart.
    private func isSpoilt(_ name: String, in state: String) -> Bool {
        guard state == "dead", let bytes = after[state, name], bytes.contains(0) else { return false }
        let drop = name.replacing(/\.conflict-.*$/, with: ".json")
        return ["incoming", "processing"].contains { wreck[$0, drop] == bytes }
    }

    /// Nothing is under way, and everything stands where it should.
    private func nothingIsElsewhere() -> [String] {
        let busy = ["processing", ".billhook/aside", "hold", "archive"].flatMap { directory in
            after.names(directory).map { "\(directory)/\($0) stands there at the end." }
        }
        return busy + leftInIncoming() + unexpectedlyDead() + strayFiles()
    }

    /// Only what a careless producer lost the rest of stays in incoming/.
    private func leftInIncoming() -> [String] {
        after.names("incoming").compactMap { name in
            let key = PowerCutRequest.key(ofDrop: name)
            let bytes = after["incoming", name] ?? []
            let whole = [
                PowerCutRequest.content(key), PowerCutRequest.otherContent(key), PowerCutRequest.invalidContent(key),
            ]
            let isCutOff = whole.contains { $0.starts(with: bytes) && $0 != bytes }
            return isCutOff ? nil : "incoming/\(name) was left there, and is not cut off."
        }
    }

    /// Only no requests, conflicts, and what was dead before stand in dead/.
    private func unexpectedlyDead() -> [String] {
        after.requests("dead").compactMap { name in
            if name.contains(".conflict-") || name.hasPrefix("bad-") || isSpoilt(name, in: "dead") { return nil }
            let isFromThePast = name.hasPrefix("gone-") && after.delivered(of: String(name.dropLast(5))).isEmpty
            return isFromThePast
                ? nil : "dead/\(name) is not expected there: \(text(after["dead", name + ".error"]))"
        }
    }

    /// Sidecars stand beside their requests, and a request stands once.
    private func strayFiles() -> [String] {
        var found: [String] = []
        for state in PowerCutSnapshot.states {
            for name in after.names(state) where !name.hasSuffix(".json") {
                let request = name.replacing(/\.json\..*$/, with: ".json")
                if after[state, request] == nil { found.append("\(state)/\(name) stands there without its request.") }
            }
        }
        // The unfinished drop of a careless producer may wait in incoming/ beside the request that has the key.
        let standing = PowerCutSnapshot.states.filter { $0 != "incoming" }.flatMap { after.requests($0) }
        for (name, places) in Dictionary(grouping: standing, by: \.self) where places.count > 1 {
            found.append("\(name) stands in several states at the end: \(after.states(of: String(name.dropLast(5)))).")
        }
        return found
    }

    /// What was recorded stays, and a success that was recorded is not repeated.
    private func recordsOnlyGrow() -> [String] {
        let keys = Set(PowerCutSnapshot.states.flatMap { wreck.requests($0) }.map { String($0.dropLast(5)) })
        return keys.sorted().flatMap { key -> [String] in
            var found: [String] = []
            let kept = wreck.sidecar(".attempts", of: key) ?? []
            let end = kept.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            if !(after.sidecar(".attempts", of: key) ?? []).starts(with: kept[..<end]) {
                found.append("The .attempts of \(key) lost lines that it had in the wreck.")
            }
            guard wreck["incoming", key + ".json"] == nil else { return found }
            let delivered = wreck.delivered(of: key)
            for heard in ledger.heard where heard.isAfter && delivered.contains(heard.deliveryID) {
                found.append("\(key) was delivered once more as \(heard.deliveryID), whose success was recorded.")
            }
            return found
        }
    }

    /// What a person moved back and Billhook took is delivered again: not only called, but answered well.
    private func returnsWereHonoured() -> [String] {
        ledger.returned.sorted().compactMap { key in
            let calls = ledger.heard.filter { $0.key == key && $0.isOfReturn }
            let isTaken = wreck["processing", key + ".json"] != nil || wreck["incoming", key + ".json"] != nil
            guard isTaken || !calls.isEmpty else { return nil }
            let states = after.states(of: key)
            guard states == ["done"] else { return "\(key), moved back, stands in \(states)." }
            let reached = Set(calls.filter { $0.status == 200 }.map(\.deliveryID))
            return reached.count == PowerCutScene.subscriptions.count
                ? nil : "\(key) was moved back and taken, and only \(reached.count) subscribers heard of it."
        }
    }

    /// Where the key is in the content, the invoice tells under which name the request was dropped.
    private func namesAreKept() -> [String] {
        guard plan.load == .orders else { return [] }
        return ledger.careless.sorted().compactMap { key in
            guard let invoice = invoice(key, after) else { return nil }
            let name = try? Members(invoice).text("file_name")
            return name == PowerCutRequest.orderName(key) ? nil : "\(key) lost its first name; it is \(name ?? "none")."
        }
    }

    // MARK: Reading

    /// The `.invoice` of a key without its newline, if it is whole.
    private func invoice(
        _ key: String, _ snapshot: PowerCutSnapshot, in states: [String] = PowerCutSnapshot.states
    ) -> [UInt8]? {
        for state in states {
            guard var bytes = snapshot[state, key + ".json.invoice"] else { continue }
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if (try? Members(bytes).text("key")) == key { return bytes }
        }
        return nil
    }

    private func text(_ bytes: [UInt8]?) -> String { bytes.map { String(decoding: $0, as: UTF8.self) } ?? "nothing" }
}
