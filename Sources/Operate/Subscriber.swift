internal import Deliver
internal import Files
internal import JSON
public import Spool
internal import Subscriptions
public import SystemPackage

/// Writes subscription files.
public struct Subscriber: Sendable {
    private let spool: Spool

    public init(_ spool: Spool) {
        self.spool = spool
    }

    /// A subscription that stands now.
    public struct Receipt: Sendable {
        public let path: FilePath
        /// The secret that was made for it: to be shown once, and nowhere else.
        public let newSecret: String?
        /// What its receiver verifies with, for each of its keys that has a public half: `whpk_…`.
        public let publicKeys: [String]
        public let replaced: Bool
        /// Whether it is signed with the secret that the replaced one had.
        public let keptSecret: Bool
    }

    /// Writes a subscription after checking it, atomically and with mode 0600. Root writes it for the user that owns
    /// subscriptions/, who could not read it otherwise.
    ///
    /// - Parameter replacing: whether one of its name may stand; otherwise that is an error of kind `cannotCreate`.
    /// - Throws: `OperateError`; kind `data` with the field at fault, and nothing is written.
    public func subscribe(_ draft: SubscriptionDraft, replacing: Bool) throws(OperateError) -> Receipt {
        let fileName = draft.name + ".json"
        let standing = Subscription.isValid(name: draft.name) ? try content(of: fileName) : nil
        if standing != nil, !replacing { throw stands(draft.name) }
        let kept = standing.flatMap(Self.secret)
        let (secret, new) = Self.choose(draft.secret, kept: kept)
        let (content, subscription) = try check(draft, secret)
        let isPlaced = try explaining("subscriptions/\(fileName) can't be written") { () throws(Errno) in
            try place(content, as: fileName, replacing: replacing)
        }
        guard isPlaced else { throw stands(draft.name) }
        var keptSecret = false
        if case .standard = draft.secret { keptSecret = kept != nil }
        return Receipt(
            path: spool.path.appending("subscriptions").appending(fileName), newSecret: new,
            publicKeys: subscription.signing.publicKeys, replaced: standing != nil, keptSecret: keptSecret)
    }

    /// Checks what would be written, and writes nothing.
    ///
    /// - Throws: `OperateError`; kind `data` with the field at fault.
    func check(_ draft: SubscriptionDraft) throws(OperateError) -> Subscription {
        let standing = Subscription.isValid(name: draft.name) ? try content(of: draft.name + ".json") : nil
        return try check(draft, Self.choose(draft.secret, kept: standing.flatMap(Self.secret)).secret).subscription
    }

    private func check(
        _ draft: SubscriptionDraft, _ secret: StoredSecret?
    ) throws(OperateError) -> (content: [UInt8], subscription: Subscription) {
        if let match = draft.match {
            do throws(JSONError) {
                _ = try JSONReader.read(Array(match.utf8))
            } catch {
                throw OperateError(
                    .data, "The conditions given with --match are not JSON. \(error) Nothing was written.")
            }
        }
        for event in draft.events.compactMap({ EventPattern($0) }) {
            guard let objection = event.objection else { continue }
            throw OperateError(.data, "There is no event \(event). \(objection) Nothing was written.")
        }
        let content = draft.encoded(secret: secret)
        let subscription: Subscription
        do throws(SubscriptionError) {
            subscription = try SubscriptionFiles.check(draft.name, content, in: spool)
        } catch {
            throw OperateError(.data, "\(error) Nothing was written.")
        }
        return (content, subscription)
    }

    private func stands(_ name: String) -> OperateError {
        OperateError(
            .cannotCreate,
            "The subscription \(name) stands already. Replace it with --replace, remove subscriptions/\(name).json, or"
                + " choose another name.")
    }

    private func content(of fileName: String) throws(OperateError) -> [UInt8]? {
        try explaining("subscriptions/\(fileName) can't be read") { () throws(Errno) in
            try spool.subscriptions.read(fileName, upTo: Subscription.maximumBytes)
        }
    }

    private static func secret(in content: [UInt8]) -> StoredSecret? {
        guard let object = (try? JSONReader.read(content))?.object else { return nil }
        for field in ["secret", "secret_file"] {
            if let member = object.member(field) {
                return StoredSecret(field: field, json: Array(content[member.source]))
            }
        }
        return nil
    }

    private static func choose(
        _ wish: SubscriptionDraft.Secret, kept: StoredSecret?
    ) -> (secret: StoredSecret?, new: String?) {
        switch wish {
        case .none: return (nil, nil)
        case .given(let text): return (StoredSecret(field: "secret", text: text), nil)
        case .file(let path): return (StoredSecret(field: "secret_file", text: path), nil)
        case .newPair: return (StoredSecret(field: "secret", text: SigningKeyPair.generate()), nil)
        case .standard:
            if let kept { return (kept, nil) }
            let new = SigningSecret.generate()
            return (StoredSecret(field: "secret", text: new), new)
        }
    }

    /// Returns `false`, with nothing changed, if the name is taken.
    private func place(_ content: [UInt8], as fileName: String, replacing: Bool) throws(Errno) -> Bool {
        let temporary = TemporaryName.make(for: fileName)
        var isPlaced = true
        do throws(Errno) {
            let file = try File.creating(temporary, in: spool.tmp, mode: 0o600)
            try file.write(content)
            try file.give(toOwnerOf: spool.subscriptions)
            try file.sync()
            if replacing {
                try spool.tmp.replace(fileName, in: spool.subscriptions, with: temporary)
            } else {
                isPlaced = try spool.tmp.move(temporary, to: spool.subscriptions, as: fileName)
            }
        } catch {
            _ = try? spool.tmp.remove(temporary)
            throw error
        }
        if !isPlaced { try spool.tmp.remove(temporary) }
        try spool.subscriptions.sync()
        return isPlaced
    }
}
