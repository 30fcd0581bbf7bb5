internal import Files
internal import JSON
public import SystemPackage
public import Times

/// What a daemon says of itself while it runs, in `.billhook/status.json`.
///
/// It is written when something has changed, at most once a second, and never flushed: of use only while the daemon that
/// wrote it holds the spool's lock.
public struct LiveStatus: Sendable, Equatable {
    public var at: Timestamp
    public var processID: Int32
    public var version: String
    /// Whether drops are taken out of incoming/.
    public var isClaiming: Bool
    /// What keeps it from its work, or hampers it, as a whole sentence; `nil` if nothing does.
    public var reason: String?
    /// Requests that are claimed or being delivered.
    public var inHand: Int
    /// What has happened since it started: a name and a number each.
    public var tally: [Count]
    /// The subscriptions that fail, by name; the first ``mostUnwell`` of them.
    public var unwell: [Unwell]

    public struct Count: Sendable, Equatable {
        public let name: String
        public let count: Int

        public init(_ name: String, _ count: Int) {
            self.name = name
            self.count = count
        }
    }

    /// A subscription that fails.
    public struct Unwell: Sendable, Equatable {
        public let name: String
        /// Since when every attempt has failed; `nil` if one has succeeded since.
        public let failingSince: Timestamp?
        /// Until when it is called no more, but for what a person asks for: most calls failed, or it asked for a pause.
        public let heldBackUntil: Timestamp?
        /// Whether, after that, one call is let through and the others wait for what comes of it.
        public let isOnTrial: Bool

        public init(_ name: String, failingSince: Timestamp?, heldBackUntil: Timestamp?, isOnTrial: Bool = false) {
            self.isOnTrial = isOnTrial
            self.name = name
            self.failingSince = failingSince
            self.heldBackUntil = heldBackUntil
        }
    }

    /// Until when calls are held back at a moment, by the names of the subscriptions of which that is so: that moment
    /// itself where one call is let through.
    public func heldBack(at now: Timestamp) -> [String: Timestamp] {
        let moments = unwell.compactMap { one -> (String, Timestamp)? in
            guard let until = one.heldBackUntil, until > now || one.isOnTrial else { return nil }
            return (one.name, max(until, now))
        }
        return Dictionary(moments) { $1 }
    }

    /// How many subscriptions that fail are listed.
    public static let mostUnwell = 100

    public init(
        at: Timestamp, processID: Int32, version: String, isClaiming: Bool, reason: String?, inHand: Int,
        tally: [Count],
        unwell: [Unwell] = []
    ) {
        self.at = at
        self.processID = processID
        self.version = version
        self.isClaiming = isClaiming
        self.reason = reason
        self.inHand = inHand
        self.tally = tally
        self.unwell = unwell
    }

    /// One JSON object and a newline.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("at", at)
        writer.member("pid", Int64(processID))
        writer.member("version", version)
        writer.member("claiming", isClaiming)
        writer.name("reason")
        if let reason { writer.string(reason) } else { writer.null() }
        writer.member("in_hand", inHand)
        writer.name("tally")
        writer.beginObject()
        for count in tally {
            writer.name(count.name)
            writer.integer(count.count)
        }
        writer.endObject()
        writer.name("unwell")
        writer.beginArray()
        for subscription in unwell { subscription.write(to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// Reads it back; `nil` for what is not one.
    public init?(_ bytes: [UInt8]) {
        guard let object = (try? JSONReader.read(bytes))?.object,
            let at = object["at"]?.string.flatMap({ Timestamp(iso8601: $0) }),
            let processID = object["pid"]?.int64.flatMap({ Int32(exactly: $0) }),
            let version = object["version"]?.string, let isClaiming = object["claiming"]?.bool
        else { return nil }
        let tally = object["tally"]?.object?.members.compactMap { member in
            member.value.int64.map { Count(member.name, Int($0)) }
        }
        self.init(
            at: at, processID: processID, version: version, isClaiming: isClaiming, reason: object["reason"]?.string,
            inHand: Int(object["in_hand"]?.int64 ?? 0), tally: tally ?? [],
            unwell: object["unwell"]?.array?.compactMap { $0.object.flatMap { Unwell($0) } } ?? [])
    }
}

extension LiveStatus.Unwell {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("subscription", name)
        if let failingSince { writer.member("failing_since", failingSince) }
        if let heldBackUntil { writer.member("held_back_until", heldBackUntil) }
        if isOnTrial { writer.member("on_trial", true) }
        writer.endObject()
    }

    fileprivate init?(_ object: JSONObject) {
        guard let name = object["subscription"]?.string else { return nil }
        self.init(
            name, failingSince: object["failing_since"]?.string.flatMap { Timestamp(iso8601: $0) },
            heldBackUntil: object["held_back_until"]?.string.flatMap { Timestamp(iso8601: $0) },
            isOnTrial: object["on_trial"]?.bool ?? false)
    }
}

extension Spool {
    /// Puts a status in the place of the last one; whoever reads meanwhile gets one or the other.
    ///
    /// The two files that change places stand for good, so that a full disk can say that it is full. Throws what the file
    /// system does; the last one then stands.
    public func publish(_ status: LiveStatus) throws(Errno) {
        let next = Spool.statusName + ".next"
        let content = status.encoded()
        let file = try File.overwriting(next, in: own)
        try file.write(content)
        try file.truncate(to: content.count)
        do throws(Errno) {
            try own.exchange(next, Spool.statusName)
        } catch {
            // The first one, whose partner is made at once; or a file system that has no exchange.
            try own.replace(Spool.statusName, in: own, with: next)
            try own.write(next, content, durably: false)
        }
    }

    /// What the process that serves the spool said last; `nil` if nobody serves it, or it has said nothing yet.
    public func liveStatus(holder: String?) -> LiveStatus? {
        guard let holder, let content = try? own.read(Spool.statusName, upTo: 65_536), let status = LiveStatus(content),
            holder == SpoolLock.holderName(processID: status.processID)
        else { return nil }
        return status
    }

    /// Whether nothing can be written: mounted read-only, or made so by the kernel when it met an error on the disk.
    public func isReadOnly() -> Bool {
        if (try? own.room())?.isReadOnly ?? false { return true }
        do throws(Errno) {
            if try own.contains(Spool.statusName) { _ = try File.overwriting(Spool.statusName, in: own) }
            return false
        } catch {
            return error == .readOnlyFileSystem
        }
    }

    static let statusName = "status.json"
}
