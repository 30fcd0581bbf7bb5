public import Claim
public import Deliver
public import Spool
public import Times

/// What the engine wants done. The shell performs it and answers with an ``Event``.
///
/// What is large or rare is boxed: actions are moved from list to list, and as few bytes as possible with them.
public enum Action: Sendable {
    /// Claim a drop and prepare it; answered by `.claimed`.
    indirect case claim(Drop, Claimer.Evidence, evenIfIncomplete: Bool)
    /// Move what is no request out of incoming/; answered by `.refused`.
    case refuse([UInt8], because: String)
    /// Bring a sidecar in incoming/ to its request; answered by `.broughtHome`.
    case bringHome(String)
    /// Prepare a request that stands in processing/; answered by `.loaded`.
    case load(Key)
    /// Run the processor; answered by `.processed`.
    indirect case process(Assignment)
    /// Write down what the processor made of a request, durably, and bury it if that was nothing; answered by `.completed`.
    indirect case complete(Completion)
    /// Append to `.attempts`, and settle the request if that ends its stay; answered by `.recorded`.
    indirect case record(Record)
    /// Post a webhook; answered by `.posted`, or by `.gone` if its request has left processing/ meanwhile.
    indirect case post(Post)
    /// Read on in incoming/, from its beginning if so asked; answered by `.scanned`.
    case scanIncoming(fromStart: Bool)
    /// Read aside/; answered by `.leftAside` for each name.
    case listAside
    /// Read on in processing/; answered by `.swept`.
    case sweepProcessing(fromStart: Bool)
    /// Read on in done/ for requests past the window; answered by `.expired`.
    case scanDone(fromStart: Bool)
    /// Move a done request to the archive if its window has passed; answered by `.archived`.
    case archive(Key)
    /// From here on, raise `invoice.failed` for requests that are refused, or no longer: whether somebody hears it.
    case announceFailures(Bool)
    /// Write `NAME.disabled`; answered by `.disabled`.
    indirect case disable(Disabling)
    /// Write down since when a subscription has been failing; `nil` once it isn't.
    indirect case keepHealth(String, SubscriptionHealth?)
    /// Delete some more of what has been in the archive for long enough; answered by `.deleted`.
    case deleteArchived(fromStart: Bool)
    /// Write down, before what follows is begun, what is taken up alone from here on; `nil` for nothing.
    indirect case suspect(Subject?, deaths: Int)
    /// Move a file that made the process die to dead/ without opening it; answered by `.buriedUnread`.
    indirect case buryUnread(Suspect)
    /// All that stood at the start has been taken up: an end from here on is nobody's fault.
    case forgetDeaths
    /// Measure the room on the disk, and see that the spool still stands where it did; answered by `.room`.
    case lookAround
    /// Write down for which audience all that waits has been planned, or forget it, before what follows is begun.
    case noteAudience(String?)
    /// Tell people.
    case report(Report)
}

/// An append to a request's `.attempts`, and what follows it.
public struct Record: Sendable {
    public let key: Key
    public let lines: [AttemptLine]
    /// Whether there is no `.attempts` before these lines.
    public var isFirst = false
    public let closingTornLine: Bool
    /// When the request is due next; `nil` for now.
    public let due: Timestamp?
    /// How the request ends, once the lines are durable; `nil` if it stays.
    public let ending: Ending?
    /// Events that the attempt calls for; they are raised before its line is written, so that none is lost.
    public var raising: [EventDraft] = []
    /// The subscription that the attempt disables, once it is recorded.
    public var disabling: Disabling?

    public enum Ending: Sendable {
        case done
        case dead(ErrorReport)
    }

    /// The same after it was refused: by the time it is written, others may have been.
    var again: Record {
        var copy = self
        copy.isFirst = false
        return copy
    }

    /// What is left to do once its lines stand, durably.
    public var withoutLines: Record {
        Record(key: key, lines: [], closingTornLine: false, due: nil, ending: ending, disabling: disabling)
    }

    var withoutEnding: Record {
        Record(
            key: key, lines: lines, closingTornLine: closingTornLine, due: due, ending: nil, raising: raising,
            disabling: disabling)
    }
}

/// A webhook to post.
public struct Post: Sendable {
    /// The number by which `.posted` names it.
    public let id: UInt64
    public let key: Key
    public let subscription: Subscription
    public let event: String
    public let deliveryID: String
    /// From 1, over all rounds.
    public let attempt: Int
    public let body: [UInt8]
    /// It has waited for its turn: see that the request still stands in processing/.
    public let afterWaiting: Bool
}
