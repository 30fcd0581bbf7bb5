internal import Addresses

/// Decides about the addresses that one request is about to call, and remembers them.
struct Dial {
    /// `nil` lets every address through.
    private let rule: AddressGuard?
    /// The first address that was refused.
    private(set) var refused: IPAddress?
    /// The last address that was let through.
    private(set) var called: IPAddress?
    /// Whether a kept-alive connection was refused, which others may use.
    private(set) var isRefusedOnReuse = false
    /// Whether it is the second start, after such a refusal.
    private(set) var isSecond = false

    init(_ rule: AddressGuard? = AddressGuard()) {
        self.rule = rule
    }

    /// Whether nothing was called because of a refusal.
    var isRefused: Bool { refused != nil && called == nil }

    /// Asked before a socket is opened; `nil` stands for what is no IP address.
    mutating func mayOpen(_ address: IPAddress?) -> Bool {
        let isAllowed = allows(address)
        if isAllowed { called = address } else { refused = refused ?? address }
        return isAllowed
    }

    /// Asked before a request is sent, over a new connection or an old one.
    mutating func maySend(to address: IPAddress?) -> Bool {
        guard !allows(address) else {
            called = address
            return true
        }
        isRefusedOnReuse = true
        refused = refused ?? address
        called = nil
        return false
    }

    private func allows(_ address: IPAddress?) -> Bool {
        guard let rule else { return true }
        return address.map { rule.objection(to: $0) == nil } ?? false
    }
}

extension Dial {
    /// The same rule for a second start, with nothing called yet.
    var again: Dial {
        var dial = Dial(rule)
        dial.isSecond = true
        return dial
    }
}
