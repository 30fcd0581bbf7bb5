import Foundation
import TestSupport

/// What must hold of a spool after a harmed run and a clean one, whatever the harm was.
struct Promises {
    /// Before anything ran.
    let before: Snapshot
    /// As the harmed run left it.
    let harmed: Snapshot
    /// After the clean run.
    let after: Snapshot
    /// All calls of both runs.
    let calls: [Call]
    /// What an unharmed run makes of the same scenario.
    let expected: Set<String>
    let fault: Fault

    private static let states = ["processing", "done", "dead", "hold"]
    private static let places = states + ["incoming", "archive"]

    func violations() -> [String] {
        outline() + commitOrder() + oneState() + oneID() + growth() + deliveries()
    }

    /// Every file stands where it would have stood, and says what it would have said: nothing is lost, doubled or left.
    private func outline() -> [String] {
        let actual = after.outline
        return expected.subtracting(actual).sorted().map { "missing: \($0)" }
            + actual.subtracting(expected).sorted().map { "unexpected: \($0)" }
    }

    /// At any moment a request that the run moved to done/ or dead/ has its sidecars beside it.
    private func commitOrder() -> [String] {
        harmed.paths(".json", in: ["done", "dead"]).compactMap { path in
            guard before[path]?.inode != harmed[path]?.inode else { return nil }
            let sidecar =
                path + (!path.hasPrefix("done/") ? ".error" : path.contains("/+evt_") ? ".attempts" : ".invoice")
            return harmed[sidecar] == nil ? "in the moment of the harm, \(path) stood without its \(sidecar)" : nil
        }
    }

    private func oneState() -> [String] {
        let requests = after.paths(".json", in: Promises.states).map { ($0 as NSString).lastPathComponent }
        return Dictionary(grouping: requests) { $0 }.filter { $0.value.count > 1 }.keys.map {
            "\($0) stands in several states"
        }
    }

    private func oneID() -> [String] {
        var ids: [String: Set<String>] = [:]
        for path in after.paths(".json.invoice", in: Promises.places) {
            guard let entry = after[path], let key = Snapshot.member("key", of: entry.bytes),
                let id = Snapshot.member("id", of: entry.bytes)
            else { continue }
            ids[key, default: []].insert(id)
        }
        for call in calls {
            guard let event = try? Event(call) else { return ["a call's body is not an event: \(call.text)"] }
            // The id in `invoice.failed` is that of a request that was refused: mended, it is another one.
            if event.type != "invoice.processed" { continue }
            ids[event.data.key, default: []].insert(event.data.id)
        }
        return ids.filter { $0.value.count > 1 }.map { "\($0.key) has several invoice ids: \($0.value.sorted())" }
    }

    /// `.attempts` files only grow: what stood in one is how the later one begins.
    private func growth() -> [String] {
        grown(before, harmed, "in the harmed run") + grown(harmed, after, "in the clean run")
    }

    private func grown(_ first: Snapshot, _ second: Snapshot, _ when: String) -> [String] {
        let later = second.paths(".json.attempts", in: Promises.places)
        return first.paths(".json.attempts", in: Promises.places).compactMap { path in
            let name = (path as NSString).lastPathComponent
            let lines = first[path]?.bytes ?? []
            let isKept = later.contains {
                ($0 as NSString).lastPathComponent == name && second[$0]?.bytes.starts(with: lines) ?? false
            }
            return isKept ? nil : "lines of \(path) were lost \(when)"
        }
    }

    /// Each call is recorded, but for those under way when the process was killed, and no recorded success is repeated.
    private func deliveries() -> [String] {
        var recorded: [String: Int] = [:]
        var violations: [String] = []
        for path in after.paths(".json.attempts", in: Promises.places) {
            let file = AttemptsFile(after[path]?.bytes ?? [])
            recorded.merge(file.attempts) { $0 + $1 }
            violations += file.repeatedSuccesses.map { "\(path): \($0) was attempted again after a recorded success" }
        }
        for path in before.paths(".json.attempts", in: Promises.places) {
            recorded.merge(AttemptsFile(before[path]?.bytes ?? []).attempts.mapValues { -$0 }) { $0 + $1 }
        }
        let made = Dictionary(grouping: calls) { $0.deliveryID ?? "" }
        let mayMissOne = fault.kind == .kill
        for id in Set(recorded.keys).union(made.keys).sorted() {
            let missing = (made[id]?.count ?? 0) - (recorded[id] ?? 0)
            guard missing != 0, !(missing == 1 && mayMissOne) else { continue }
            let key = made[id]?.first.flatMap { try? Event($0).key } ?? "?"
            violations.append("\(key), \(id): \(made[id]?.count ?? 0) calls, \(recorded[id] ?? 0) of them recorded")
        }
        return violations
    }
}
