import Spool
import Testing

@Suite("The name of a sidecar")
struct SidecarNameTests {
    private static let entry = "+evt_" + String(repeating: "0a", count: 16)

    @Test(
        "says which it is, beside what it stands, and of which key that is",
        arguments: [
            ("k.json.invoice", Sidecar.invoice, "k.json", "k"),
            ("k.json.attempts", .attempts, "k.json", "k"),
            ("k.json.error.json.error", .error, "k.json.error.json", "k.json.error"),
            (entry + ".json.attempts", .attempts, entry + ".json", entry),
            ("k.conflict-0123abcd.json.error", .error, "k.conflict-0123abcd.json", nil),
            ("ä.json.error", .error, "ä.json", nil),
            (".json.error", .error, ".json", nil),
        ] as [(String, Sidecar, String, String?)])
    func parts(text: String, sidecar: Sidecar, owner: String, key: String?) throws {
        let name = try #require(SidecarName(text))
        #expect(name.sidecar == sidecar && name.owner == owner && name.key?.name == key)
    }

    @Test("is that of every sidecar of a key", arguments: Sidecar.allCases)
    func roundTrip(sidecar: Sidecar) throws {
        let key = try #require(Key("k.json"))
        let name = try #require(SidecarName("\(sidecar.fileName(key))"))
        #expect(name.sidecar == sidecar && name.key == key && name.owner == "\(key.fileName)")
    }

    @Test(
        "is no other",
        arguments: ["", "k.json", "k.invoice", "k.json.", "k.json.Invoice", "k.json.name", "k.json.error~"])
    func other(text: String) {
        #expect(SidecarName(text) == nil)
    }
}
