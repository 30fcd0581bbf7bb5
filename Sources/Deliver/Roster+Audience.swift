internal import Hashing
internal import Times

extension Roster {
    /// A mark of all that decides who hears of an event, and until when at most a delivery may wait: rosters that plan a
    /// request alike have the same one. 64 hexadecimal digits. Whatever else comes to decide that belongs in here.
    public var audienceMark: String {
        var text: [UInt8] = []
        func add(_ part: some Sequence<UInt8>) {
            let bytes = Array(part)
            // The length in front keeps ("ab", "c") and ("a", "bc") apart.
            text += String(bytes.count).utf8
            text.append(UInt8(ascii: " "))
            text += bytes
        }
        for member in members.values.sorted(by: { $0.name < $1.name }) {
            add(member.name.utf8)
            // What stands when it is enabled again has to be planned for it.
            add((member.isDisabled ? "disabled" : "").utf8)
            guard let subscription = member.subscription else {
                add("unknown".utf8)
                continue
            }
            add(String(subscription.events.count).utf8)
            for pattern in subscription.events { add(pattern.description.utf8) }
            add(subscription.match?.json ?? [])
            add(subscription.ordering.rawValue.utf8)
            add(String(subscription.retry.longestWait.wholeNanoseconds).utf8)
        }
        return ContentHash.hex(ContentHash.sha256(text))
    }
}
