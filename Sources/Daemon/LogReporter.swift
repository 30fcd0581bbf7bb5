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

    func say(_ report: Report) {
        switch report {
        case .processed(let key, let invoiceID): log.debug("\(key): processed as \(invoiceID)")
        case .delivered(let key, let subscription, let attempt):
            log.debug("\(key): delivered to \(subscription), attempt \(attempt)")
        case .done(let key): log.debug("\(key): done")
        case .raised(let key, let type): log.debug("\(key): raised, \(type)")
        case .archived(let key, let day): log.debug("\(key): archived to archive/\(day)")
        case .returned(let key, let round): log.notice("\(key): came back, \(round.rawValue)")
        case .duplicate(let key, let state):
            log.notice("\(key): duplicate of the request in \(state.rawValue)/, removed")
        case .incomplete(let key):
            log.notice("\(key): incomplete, left in incoming/ until the rest is written")
        case .beingWritten(let key): log.debug("\(key): still open for writing, left in incoming/")
        case .ended(let key, let subscription, let reason):
            log.notice("\(key): delivery to \(subscription) ended: \(reason.rawValue)")
        case .vanished(let key): log.notice("\(key): taken out of processing/ by somebody, left alone")
        case .conflict, .buried, .refused, .immovable, .unclaimable, .failed, .blocked: complain(report)
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
        case .unclaimable(let key, let code):
            log.warning(
                "\(key): can't be taken up: \(code); it is tried again in a while; check its owner, mode and disk")
        case .immovable(let name, let reason, let code):
            log.warning("incoming/\(name): refused, \(reason); it can't be moved to dead/ (\(code)), so move it away")
        case .failed(let key, let record):
            let next = record.nextAttemptAt.map { "next attempt at \($0.iso8601)" } ?? "given up"
            log.notice(
                "\(key): attempt \(record.attempt) to \(record.subscription) failed (\(record.reason)), \(next)")
        case .blocked(let key):
            log.warning(
                "\(key): can't leave processing/: a request of that name stands where it should go; move one of them away"
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
        case .subscriptionsUnreadable:
            log.error("subscriptions/ can't be read, so nothing is claimed; check its owner and mode")
        case .subscriptionsReadable: log.notice("subscriptions/ can be read again")
        case .trouble(let code, let key):
            let place = key.map { "\($0): " } ?? ""
            log.error("\(place)the spool refuses work: \(code); nothing is claimed until it goes again")
        case .recovered: log.notice("the spool works again")
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
