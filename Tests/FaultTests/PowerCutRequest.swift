/// The requests of a cut: a key tells what its content must be, so that every file can be judged by its name alone.
enum PowerCutRequest {
    /// Some small, some of several blocks, none like another.
    static func content(_ key: String) -> [UInt8] {
        let hash = hash(key)
        let pad = String(repeating: "0123456789abcdef", count: Int(hash % 3 == 0 ? hash % 700 : hash % 7))
        return Array(
            #"{"order":"\#(key)","customer_id":"\#(key)","amount_cents":\#(hash % 100_000 + 1),"metadata":{"pad":"\#(pad)"}}"#
                .utf8)
    }

    /// Under which name a producer drops a request whose key is in its content.
    static func orderName(_ key: String) -> String { "order \(key).json" }

    /// The key that a file in incoming/ asks for.
    static func key(ofDrop name: String) -> String {
        String(name.dropLast(5).trimmingPrefix("order "))
    }

    /// What another producer sends under the same key.
    static func otherContent(_ key: String) -> [UInt8] {
        Array(#"{"customer_id":"somebody else than \#(key)","amount_cents":7}"#.utf8)
    }

    /// Whole JSON, and no request.
    static func invalidContent(_ key: String) -> [UInt8] {
        Array(#"{"customer_id":"\#(key)","amount_cents":"a lot"}"#.utf8)
    }

    /// Whether the receiver is out of order when it hears of the key first.
    static func isFlaky(_ key: String) -> Bool { hash(key) % 5 == 0 }

    /// FNV-1a: the same in every run.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}
