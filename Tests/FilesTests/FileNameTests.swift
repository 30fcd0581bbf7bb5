import SystemPackage
import Testing

@testable import Files

@Suite("A file name of two parts")
struct FileNameTests {
    /// Short ones lie in the string itself, long ones elsewhere.
    @Test("names the file that its text does", arguments: ["", "k", "ä", "order-2026-11-21-0000000042", "a.json"])
    func joined(stem: String) throws {
        let room = try Room()
        let name = FileName(stem, ".json.invoice")
        #expect(name.text == stem + ".json.invoice" && "\(name)" == name.text)
        try room.put("content", "from/" + name.text)
        #expect(try room.from.contains(name) && room.from.contains(anyOf: [FileName("other", ""), name]))
        #expect(try room.from.status(name)?.size == 7)
        #expect(try room.from.read(name) == Array("content".utf8))
        #expect(try room.from.move(name, to: room.to, as: name))
        #expect(try room.names(room.to) == [name.text])
        #expect(try room.from.contains(name) == false && room.from.status(name) == nil)
        #expect(try room.to.remove(name))
        #expect(try room.names(room.to) == [])
    }

    @Test("may have 255 bytes, as a file system's names may, and is refused as by it with more")
    func long() throws {
        let room = try Room()
        let longest = FileName(String(repeating: "a", count: 250), ".json")
        _ = try File.creating(longest, in: room.from)
        #expect(try room.names(room.from) == [longest.text])
        let tooLong = FileName(String(repeating: "a", count: 251), ".json")
        for name in [tooLong.text, tooLong] as [any FileNaming] {
            #expect(throws: Errno.fileNameTooLong) { try room.from.contains(name) }
            #expect(throws: Errno.fileNameTooLong) { try room.from.move(longest, to: room.to, as: name) }
            #expect(throws: Errno.fileNameTooLong) { _ = try File.replacing(name, in: room.from) }
        }
    }

    @Test("is compared with a text without being made")
    func comparison() {
        let name = FileName("k", ".json")
        #expect("k.json" == name)
        for other in ["k.jso", "k.json.", "l.json", "k", "", nil] { #expect(other != name) }
    }
}
