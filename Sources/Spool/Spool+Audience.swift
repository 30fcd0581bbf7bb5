internal import Files
public import SystemPackage

extension Spool {
    private static let audienceName = "audience"

    /// For whom the requests that wait in processing/ were planned, as `.billhook/audience` says; `nil` if it does not.
    public func audienceLeft() -> String? {
        guard let content = (try? own.read(Spool.audienceName, upTo: 256)) ?? nil, content.count == 65,
            content.last == UInt8(ascii: "\n")
        else { return nil }
        return String(validating: content.dropLast(), as: UTF8.self)
    }

    /// Writes `.billhook/audience` anew, once all that waits has been planned for it and that stands.
    ///
    /// - Parameter audience: 64 characters.
    ///
    /// It is not flushed: what a power cut takes of it is found torn or missing, and all is planned anew. Throws what the
    /// file system does.
    public func write(audience: String) throws(Errno) {
        let temporary = "\(Spool.audienceName).new"
        try own.write(temporary, Array("\(audience)\n".utf8), durably: false)
        try own.replace(Spool.audienceName, in: own, with: temporary)
    }

    /// Removes `.billhook/audience`, before anything is planned for another one.
    ///
    /// - Parameter durably: flushes that, so that no power cut brings it back.
    ///
    /// Throws what the file system does.
    public func forgetAudience(durably: Bool) throws(Errno) {
        if try own.remove(Spool.audienceName), durably { try own.sync() }
    }
}
