internal import Deliver
internal import JSON
public import Spool
internal import SystemPackage
public import Times

/// What is known about one subscription: how it is doing, what it hears, and which keys sign its webhooks, without any secret.
public struct SubscriptionReport: Sendable {
    private let name: String
    private let path: FilePath
    private let subscription: Subscription?
    private let error: SubscriptionError?
    private let isPaused: Bool
    private let isDisabled: Bool

    /// Reads it from its file; `nil` if there is none of that name.
    ///
    /// - Throws: `OperateError` if subscriptions/ can't be read.
    public init?(_ name: String, in spool: Spool, now: Timestamp) throws(OperateError) {
        let roster = Roster(try SubscriptionFolder.read(spool), at: now)
        guard let member = roster.members[name] else { return nil }
        self.name = name
        path = spool.path.appending("subscriptions").appending(name + ".json")
        subscription = member.subscription
        error = member.error
        isPaused = member.isPaused
        isDisabled = member.isDisabled
    }

    private var condition: String {
        isDisabled ? "disabled" : error != nil ? "broken" : isPaused ? "paused" : "good"
    }

    /// The report for a person: a fact a line.
    public func text(now: Timestamp) -> String {
        var lines = ["subscription  \(name)", "file          \(path)", "state         \(condition)"]
        if isDisabled { lines.append("              subscriptions/\(name).disabled says why; rm it to enable it") }
        if let error { lines += ["              \(error)", "              \(LastGoodVersion.sentence)"] }
        guard let subscription else { return lines.joined(separator: "\n") + "\n" }
        lines.append("events        \(subscription.events.map(\.description).joined(separator: ", "))")
        if let match = subscription.match {
            lines.append("match         \(String(decoding: match.json, as: UTF8.self))")
        }
        if subscription.signing.isEmpty { lines.append("keys          none: its webhooks are not signed") }
        for entry in subscription.signing.entries {
            lines.append("key           \(entry.kind), \(entry.state(at: now))")
            if let publicKey = entry.publicKey { lines.append("              public key \(publicKey)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The report as one JSON object and a newline.
    public func encoded(now: Timestamp) -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.member("subscription", name)
        writer.member("path", path.string)
        writer.member("condition", condition)
        if let error { writer.member("problem", error.description) }
        if let subscription {
            writer.name("events")
            writer.beginArray()
            for pattern in subscription.events { writer.string(pattern.description) }
            writer.endArray()
            if let match = subscription.match { writer.member("match", raw: match.json) }
            writer.name("keys")
            writer.beginArray()
            for entry in subscription.signing.entries { entry.write(to: &writer, now: now) }
            writer.endArray()
        }
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }
}

extension Signing.Entry {
    fileprivate var version: String {
        switch key {
        case .shared: "v1"
        case .pair: "v1a"
        }
    }

    fileprivate var kind: String {
        switch key {
        case .shared: "shared secret (v1)"
        case .pair: "ed25519 key pair (v1a)"
        }
    }

    fileprivate func state(at now: Timestamp) -> String {
        if let notBefore, now < notBefore { return "in force from \(notBefore.iso8601)" }
        guard let notAfter else { return "in force" }
        return (now <= notAfter ? "in force until " : "ended at ") + notAfter.iso8601
    }

    fileprivate func write(to writer: inout JSONWriter, now: Timestamp) {
        writer.beginObject()
        writer.member("version", version)
        writer.member("in_force", isInForce(at: now))
        if let notBefore { writer.member("not_before", notBefore) }
        if let notAfter { writer.member("not_after", notAfter) }
        if let publicKey { writer.member("public_key", publicKey) }
        writer.endObject()
    }
}
