import Deliver
import Spool
import Times

@testable import Engine

/// What people and programs do around an engine.
extension EngineHarness {
    func subscribe(_ subscriptions: Subscription...) {
        for subscription in subscriptions { snapshot.subscriptions[subscription.name] = .success(subscription) }
        mail.append(.subscriptions(snapshot))
    }

    func pause(_ name: String) {
        snapshot.paused.insert(name)
        mail.append(.subscriptions(snapshot))
    }

    func resume(_ name: String) {
        snapshot.paused.remove(name)
        mail.append(.subscriptions(snapshot))
    }

    func unsubscribe(_ name: String) {
        snapshot.subscriptions[name] = nil
        mail.append(.subscriptions(snapshot))
    }

    /// A person removes `NAME.disabled`.
    func enable(_ name: String) {
        snapshot.disabled.remove(name)
        mail.append(.subscriptions(snapshot))
    }

    func drop(_ name: String, _ content: FakeSpool.Drop = .whole(1)) {
        spool.incoming[name + ".json"] = content
        mail.append(.dropped(name: Array("\(name).json".utf8), isSettled: true))
    }

    func drop(count: Int) {
        for number in 0..<count { drop("k\(number)") }
    }

    func move(_ name: String, from state: State, to target: State) {
        spool.move(.make(name), from: state, to: target)
        if target == .incoming { mail.append(.dropped(name: Array("\(name).json".utf8), isSettled: true)) }
    }

    func touch(_ name: String, to moment: Timestamp? = nil) {
        spool.sidecars[.make(name)]?.modified = moment ?? now
        mail.append(.touched(.make(name), modified: moment ?? now))
    }

    /// Somebody sets the clock, while nothing else happens.
    func setClock(by shift: Duration) {
        now = now + shift
        for index in answers.indices { answers[index].at = answers[index].at + shift }
        mail.append(.clockSet(by: shift))
    }
}
