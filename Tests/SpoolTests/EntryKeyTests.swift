import Files
import Spool
import Testing

@Suite("The name of an event's entry")
struct EntryKeyTests {
    private let name = "+evt_" + String(repeating: "0a", count: 16)

    @Test("is no key that a producer may use, and is known by its form")
    func form() throws {
        #expect(Key(name) == nil)
        let key = try #require(Key(entry: name))
        #expect(key.isEntry && key.eventID == String(name.dropFirst()) && key.fileName.text == name + ".json")
        #expect(Key(stem: name) == key && Key(stem: "k") == Key("k") && Key("k")?.isEntry == false)
        #expect(DropName(name + ".json") == .request(key))
        #expect(DropName(name + ".json.attempts") == .sidecar)
    }

    @Test(
        "of another form is none",
        arguments: [
            "+evt_", "+evt_0", "+event", "+evt_" + String(repeating: "0A", count: 16),
            "evt_" + String(repeating: "0", count: 32), "+evt_" + String(repeating: "0", count: 33),
        ])
    func otherForms(text: String) {
        #expect(Key(entry: text) == nil)
        if text.hasPrefix("+"), case .request = DropName(text + ".json") { Issue.record("\(text) is a request") }
    }

    @Test("follows from the spool, the event and its cause, field by field")
    func derived() {
        let key = Key.entry(spoolID: "s", type: "a.b", cause: ["x", "y"])
        #expect(key == Key.entry(spoolID: "s", type: "a.b", cause: ["x", "y"]))
        #expect(Key(entry: key.name) == key)
        let others = [
            Key.entry(spoolID: "t", type: "a.b", cause: ["x", "y"]),
            .entry(spoolID: "s", type: "a.c", cause: ["x", "y"]),
            .entry(spoolID: "s", type: "a.b", cause: ["x y"]), .entry(spoolID: "s", type: "a.b", cause: ["xy", ""]),
            .entry(spoolID: "s", type: "a.b", cause: ["y", "x"]), .entry(spoolID: "s a.b", type: "x", cause: ["y"]),
        ]
        #expect(Set(others + [key]).count == 7)
    }
}
