internal import Deliver
internal import Files
internal import Hashing
internal import Process
public import Spool
internal import SystemPackage
internal import Times

/// Tells of a subscription that is still to be written whether it would hear of given invoices. It changes nothing.
public struct SubscriptionTrial: Sendable {
    /// Whether the subscription would hear of one invoice.
    public struct Answer: Sendable, Equatable {
        /// The key, or the file's name without `.json`.
        public let name: String
        /// What there would be to hear: `invoice.processed`, or `invoice.failed` of a request that is not valid.
        public let event: String
        /// Whether it would hear of it.
        public let hears: Bool
        /// The first condition that is not met, by its place in the subscription: `events`, `match.data.currency`. `nil` if it
        /// hears.
        public let condition: String?
        /// A whole sentence that says why it would not hear; `nil` if it would.
        public let reason: String?
    }

    private let spool: Spool
    private let subscription: Subscription

    private static let maximumBytes = 64 << 20

    /// - Throws: `OperateError` of kind `data` if the subscription is not in order.
    public init(_ spool: Spool, _ draft: SubscriptionDraft) throws(OperateError) {
        self.spool = spool
        subscription = try Subscriber(spool).check(draft)
    }

    /// Asks for one invoice: a key of the spool, whatever its state, or the path of a request's file. One that has been
    /// processed is taken as it is, any other as it would be processed now.
    ///
    /// - Throws: `OperateError`; kind `noInput` if there is no such key or file.
    public func ask(_ argument: String) throws(OperateError) -> Answer {
        if argument.contains("/"), case .request(let key) = DropName(FilePath(argument).lastComponent?.string ?? ""),
            let content = try content(of: argument)
        {
            return try answer(key, content, invoice: try self.content(of: argument + ".invoice"))
        }
        let key = try KeySearch.key(argument)
        if let report = try KeyInspector(spool).inspect(key, now: .now) {
            let content = try report.path.flatMap { path throws(OperateError) in try self.content(of: path.string) }
            return try answer(key, content, invoice: report.invoiceBytes)
        }
        guard let content = try content(of: argument) else { throw KeySearch(spool).unknown(key) }
        return try answer(key, content, invoice: nil)
    }

    private func content(of path: String) throws(OperateError) -> [UInt8]? {
        do throws(Errno) {
            return try Input(FilePath(path)).all(upTo: SubscriptionTrial.maximumBytes)
        } catch .noSuchFileOrDirectory {
            return nil
        } catch {
            throw OperateError(error, problem: "\(path) can't be read")
        }
    }

    private func answer(_ key: Key, _ content: [UInt8]?, invoice: [UInt8]?) throws(OperateError) -> Answer {
        if let invoice, let record = try? InvoiceRecord.read(invoice) {
            return judge(
                key, EventBody.invoiceProcessed,
                EventBody.invoiceProcessed(invoice: invoice, processedAt: record.processedAt))
        }
        guard let content else {
            throw OperateError(.noInput, "Nothing stands of \(key) that could be an invoice. Name another key.")
        }
        do throws(Rejection) {
            let invoice = SubscriptionTrial.invoice(key, try InvoiceRequest.read(content), content)
            return judge(
                key, EventBody.invoiceProcessed,
                EventBody.invoiceProcessed(invoice: invoice.encoded(), processedAt: invoice.processedAt))
        } catch {
            let draft = EventDraft.invoiceFailed(
                key: key.name, id: SubscriptionTrial.unknownID,
                requestSHA256: ContentHash.hex(ContentHash.sha256(content)), code: error.code, message: error.message,
                hint: error.hint, at: .now)
            return judge(key, draft.type, draft.body, because: "It is no valid request: \(error.message) ")
        }
    }

    /// Stands for an id that is not known yet.
    private static let unknownID = "inv_00000000000000000000000000000000"

    /// What would come of a request.
    private static func invoice(_ key: Key, _ request: InvoiceRequest, _ content: [UInt8]) -> Invoice {
        let now = Timestamp.now
        return Invoice(
            of: request, id: unknownID, key: key.name,
            requestSHA256: ContentHash.hex(ContentHash.sha256(content)), createdAt: now, processedAt: now)
    }

    /// - Parameter problem: a whole sentence and a space, said before why it does not hear.
    private func judge(_ key: Key, _ event: String, _ body: [UInt8], because problem: String = "") -> Answer {
        guard subscription.hears(event) else {
            return Answer(
                name: key.name, event: event, hears: false, condition: "events",
                reason: "\(problem)Its `events` do not name \(event).")
        }
        guard let failure = subscription.failure(of: body) else {
            return Answer(name: key.name, event: event, hears: true, condition: nil, reason: nil)
        }
        return Answer(
            name: key.name, event: event, hears: false, condition: failure.condition, reason: "\(problem)\(failure).")
    }
}
