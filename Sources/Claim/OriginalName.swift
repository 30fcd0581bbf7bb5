internal import Files
internal import Hashing
internal import Process
public import Spool
public import SystemPackage
internal import Times

/// Remembers, in a spool that derives its keys, under which name a file was dropped, until its `.invoice` or `.error`
/// says so.
///
/// Each is a symbolic link in aside/ whose text is the name, and stands beside or before what it belongs to:
///
/// | link | of |
/// | --- | --- |
/// | `~MARK.name` | `aside/~MARK`, a drop that was set aside so that its content can be read undisturbed |
/// | `KEY.json.name` | `processing/KEY.json`, as long as nothing beside it is durable that holds the name |
///
/// It is made before the rename that needs it and removed after the one that ends its use, so a crash leaves one too many
/// and never one too few; `tidy` removes those at start. Where the file system has no symbolic links, a name is known until
/// the next crash only.
public struct OriginalName: Sendable {
    private let aside: Directory
    private let processing: Directory

    public init(_ spool: Spool) {
        aside = spool.aside
        processing = spool.processing
    }

    private static let suffix = ".name"
    private static let prefix = "~"

    /// The mark in a name that a drop without a key has in aside/; `nil` for every other name.
    static func mark(ofAside name: String) -> String? {
        guard name.hasPrefix(prefix), name.utf8.count == 9, name.utf8.dropFirst().allSatisfy(isDigit) else {
            return nil
        }
        return String(name.dropFirst())
    }

    /// Whether a name in aside/ is that of a link, and so no drop.
    public static func isLink(_ name: String) -> Bool { owner(ofLink: name) != nil }

    private static func owner(ofLink name: String) -> String? {
        guard name.hasSuffix(suffix) else { return nil }
        let owner = String(name.dropLast(suffix.utf8.count))
        if mark(ofAside: owner) != nil { return owner }
        return owner.hasSuffix(".json") && Key(owner.dropLast(5)) != nil ? owner : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }

    // MARK: Aside

    /// A name for a drop in aside/ that nobody has, kept together with the drop's own from now on.
    func reserve(_ origin: String, now: Timestamp, attempt: inout Int) throws(Errno) -> String {
        while true {
            let name =
                OriginalName.prefix + ContentHash.short(Array("\(origin) \(now.nanoseconds) \(attempt)".utf8))
            attempt += 1
            if try makeLink(name, to: origin) { return name }
        }
    }

    /// Under which name something in aside/ was dropped; `nil` if that is lost.
    func origin(ofAside name: String) throws(Errno) -> String? { try aside.link(name + OriginalName.suffix) }

    func forget(aside name: String) throws(Errno) { try aside.remove(name + OriginalName.suffix) }

    /// Remembers another name for a drop in aside/, of the key, in one step.
    func replace(aside name: String, of key: Key, with origin: String) throws(Errno) {
        try keep(origin, for: key)
        do throws(Errno) {
            let link = key.fileName.text + OriginalName.suffix
            try aside.replace(name + OriginalName.suffix, in: aside, with: link)
        } catch .noSuchFileOrDirectory {
            // There are no symbolic links here.
        }
    }

    // MARK: In processing/

    /// Keeps the name for a request that is about to enter processing/, in the place of one that an earlier request of the
    /// key may have left.
    func keep(_ origin: String, for key: Key) throws(Errno) {
        while try !makeLink(key.fileName.text, to: origin) { try forget(key) }
    }

    /// The name that is kept for a request in processing/; `nil` if there is none.
    func origin(of key: Key) throws(Errno) -> String? { try aside.link(key.fileName.text + OriginalName.suffix) }

    /// To be called when what holds the name is durable.
    public func forget(_ key: Key) throws(Errno) { try aside.remove(key.fileName.text + OriginalName.suffix) }

    /// The same where nothing was written: what waits in processing/ to be processed keeps its name, be it for its processor
    /// or since a crash, which may have left an `.invoice` that is empty or torn. A duplicate of it may be claimed, and
    /// removed, before it is loaded.
    public func forgetUnneeded(_ key: Key) throws(Errno) {
        if try processing.contains(key.fileName) {
            guard let invoice = try processing.read(Sidecar.invoice.fileName(key)),
                (try? InvoiceRecord.read(invoice)) != nil
            else { return }
        }
        try forget(key)
    }

    private func makeLink(_ owner: String, to origin: String) throws(Errno) -> Bool {
        do throws(Errno) {
            return try aside.makeLink(owner + OriginalName.suffix, to: origin)
        } catch .notPermitted {
            return true
        } catch .notSupported {
            return true
        }
    }

    // MARK: At start

    /// Removes what a crash left of links whose drop or request has moved on. Nobody else may serve the spool.
    public func tidy() throws(Errno) {
        for bytes in try aside.names() {
            let name = String(decoding: bytes, as: UTF8.self)
            guard let owner = OriginalName.owner(ofLink: name) else { continue }
            let place = OriginalName.mark(ofAside: owner) == nil ? processing : aside
            if try !place.contains(owner) { try aside.remove(name) }
        }
    }
}
