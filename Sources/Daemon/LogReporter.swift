internal import Deliver
internal import Engine
internal import Logging
internal import Spool
internal import Times

/// Says in the log what the engine reports: lower-case, the key first, never a payload or a secret.
///
/// What happens to every invoice is `debug`, what a person may want to know of is `notice`, and what somebody has to do
/// something about is `warning`.
struct LogReporter {
    let log: Logger
    /// Whether what happens to every invoice is of interest: each question to the logger costs 300 instructions.
    private let saysAll: Bool

    init(log: Logger) {
        self.log = log
        saysAll = log.logLevel <= .debug
    }

    func say(_ report: Report) {
        switch report {
        case .processed, .delivered, .done: if saysAll { sayOfInvoice(report) }
        default: sayOfOthers(report)
        }
    }

    private func sayOfInvoice(_ report: Report) {
        switch report {
        case .processed(let key, let invoiceID): log.debug("\(key): processed as \(invoiceID)")
        case .delivered(let key, let subscription, let attempt):
            log.debug("\(key): delivered to \(subscription), attempt \(attempt)")
        case .done(let key): log.debug("\(key): done")
        default: break
        }
    }

    private func sayOfOthers(_ report: Report) {
        switch report {
        case .raised(let key, let type): log.debug("\(key): raised, \(type)")
        case .archived(let key, let day): log.debug("\(key): archived to archive/\(day)")
        case .deleting(let day, let files):
            log.debug("archive/\(day): deleted \(files) \(files == 1 ? "file" : "files")")
        case .deleted(let day, let files):
            log.notice("archive/\(day): deleted, with \(files) \(files == 1 ? "file" : "files")")
        case .returned(let key, let round): log.notice("\(key): came back, \(round.rawValue)")
        case .duplicate(let key, let fileName, let state):
            let name = fileName.map { ", dropped as \($0)" } ?? ""
            log.notice("\(key): duplicate of the request in \(state.rawValue)/\(name), removed")
        case .incomplete(let label):
            log.notice("\(label): incomplete, left in incoming/ until the rest is written")
        case .beingWritten(let label): log.debug("\(label): still open for writing, left in incoming/")
        case .ended(let key, let subscription, let reason):
            log.notice("\(key): delivery to \(subscription) ended: \(reason.rawValue)")
        case .processorPostponed(let key, let sentence, let moment):
            log.notice("\(key): put off until \(moment.iso8601): \(sentence)")
        case .processorUnavailable(let message, let fix):
            log.error("\(message) Nothing is processed until it can be started; it is tried again now and then. \(fix)")
        case .processorAvailable: log.notice("the processor can be started again")
        case .vanished(let key): log.notice("\(key): taken out of processing/ by somebody, left alone")
        case .conflict, .buried, .keyless, .refused, .immovable, .unclaimable, .unclaimableDrop, .failed, .blocked,
            .notDeleted, .undeletable, .unarchivable, .crashed, .immovableCrash:
            complain(report)
        default: sayOfSubscriptions(report)
        }
    }

    private func complain(_ report: Report) {
        switch report {
        case .conflict(let key, let fileName):
            log.warning("\(key): conflict, the key is taken by other content; this drop is dead/\(fileName)")
        case .buried(let key, let error): log.warning("\(key): dead, \(error.code): \(error.message)")
        case .refused(let name, let refusedName, let reason):
            log.warning("incoming/\(name): refused, \(reason); it is dead/\(refusedName) now")
        case .keyless(let name, let fileName, let error):
            log.warning("incoming/\(name): dead, \(error.code): \(error.message) It is dead/\(fileName) now")
        case .unclaimable(let key, let code): complain(.unclaimableDrop(key.name, code))
        case .unclaimableDrop(let label, let code):
            log.warning(
                "\(label): can't be taken up: \(code); it is tried again in a while; check its owner, mode and disk")
        case .immovable(let name, let reason, let code):
            log.warning("incoming/\(name): refused, \(reason); it can't be moved to dead/ (\(code)), so move it away")
        case .failed(let key, let record):
            let next = record.nextAttemptAt.map { "next attempt at \($0.iso8601)" } ?? "given up"
            log.notice(
                "\(key): attempt \(record.attempt) to \(record.subscription) failed (\(record.reason)), \(next)")
        case .notDeleted(let day, let reason):
            log.warning("archive/\(day): to be deleted, and left: \(reason); move it away, or delete the folder")
        case .undeletable(let code):
            log.warning("archive/: nothing can be deleted: \(code); it is tried again with the next walk")
        case .unarchivable(let key?, let code):
            log.warning(
                "\(key): can't be moved to the archive: \(code); it stays in done/ and its key stays taken until a later walk can move it; check owner and mode of done/ and of archive/ and its days"
            )
        case .unarchivable(nil, let code):
            log.warning(
                "done/: can't be read for what is to be archived: \(code); it is tried again with the next walk; check its owner and mode"
            )
        case .blocked(let key):
            log.warning(
                "\(key): can't leave processing/: a request of that name stands where it should go; move one of them away"
            )
        case .crashed(let path, let fileName, let error):
            log.warning("\(path): dead, \(error.code): \(error.message) It is dead/\(fileName) now")
        case .immovableCrash(let path, let code):
            log.error(
                "\(path): reading it ended this process again and again, and it can't be moved to dead/ (\(code)); it is left alone until the next start, so move it away"
            )
        default: break
        }
    }

    private func sayOfSubscriptions(_ report: Report) {
        switch report {
        case .subscriptionBroken(let error): log.error("\(error)")
        case .subscriptionMended(let name): log.notice("subscription \(name): good again")
        case .subscriptionAdded(let name): log.notice("subscription \(name): added")
        case .subscriptionRemoved(let name): log.notice("subscription \(name): removed, its pending deliveries end")
        case .subscriptionGone(let name, let grace):
            log.notice(
                "subscription \(name): its file is gone; its deliveries wait, and end in \(grace.text) unless it comes back"
            )
        case .subscriptionDisabled, .subscriptionEnabled, .disablingUnkept, .subscriptionFailing,
            .subscriptionRecovered:
            sayOfHealth(report)
        case .subscriptionPaused(let name): log.notice("subscription \(name): paused, its deliveries wait")
        case .subscriptionResumed(let name): log.notice("subscription \(name): resumed")
        case .breakerOpened(let name, let moment):
            log.notice(
                "subscription \(name): most calls fail, so its deliveries wait; one is let through at \(moment.iso8601)"
            )
        case .breakerClosed(let name): log.notice("subscription \(name): takes calls again")
        case .subscriptionsUnreadable:
            log.error("subscriptions/ can't be read, so nothing is claimed; check its owner and mode")
        case .subscriptionsReadable: log.notice("subscriptions/ can be read again")
        case .trouble(let code, let key):
            let place = key.map { "\($0): " } ?? ""
            log.error("\(place)\(Obstacle.trouble(code).text)")
        case .recovered: log.notice("the spool works again")
        case .recoveryOver: log.notice("all that stood here has been taken up without harm; going on at full speed")
        case .short(let shortage): log.error("\(Obstacle.short(shortage).text)")
        case .roomy: log.notice("there is room on the disk again")
        case .crowded(let state): log.error("\(Obstacle.crowdedText(state))")
        case .uncrowded(let state): log.notice("\(state.rawValue)/ takes names again")
        case .clockSet(let shift):
            let (direction, span) = shift < .zero ? ("back", .zero - shift) : ("forward", shift)
            let rounded = Duration.seconds((span.wholeMilliseconds + 500) / 1000)
            log.warning("the clock was set \(direction) by \(rounded.text); the schedule is read anew from the spool")
        default: break
        }
    }

    private func sayOfHealth(_ report: Report) {
        switch report {
        case .subscriptionDisabled(let name, let disabling):
            let reason = disabling.map { " (\($0.sentence.dropLast()))" } ?? ""
            log.warning(
                "subscription \(name): disabled\(reason); it gets nothing until you remove subscriptions/\(name).disabled"
            )
        case .subscriptionEnabled(let name):
            log.notice(
                "subscription \(name): enabled again; what it missed is delivered by: billhook retry --subscription \(name)"
            )
        case .disablingUnkept(let name, let code):
            log.error(
                "subscriptions/\(name).disabled can't be written (\(code)): it is disabled until the daemon ends; check owner, mode"
            )
        case .subscriptionFailing(let name, let since):
            log.warning("subscription \(name): every attempt has failed since \(since.iso8601); look at its receiver")
        case .subscriptionRecovered(let name, let since):
            log.notice("subscription \(name): recovered; it had been failing since \(since.iso8601)")
        default: break
        }
    }
}
