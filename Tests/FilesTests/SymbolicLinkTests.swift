import Files
import SystemPackage
import TestSupport
import Testing

@Suite("A symbolic link that holds a text")
struct SymbolicLinkTests {
    @Test("is written whole, read back, and never replaced")
    func holds() throws {
        let scratch = try ScratchDirectory()
        let directory = try Directory(FilePath(scratch.path(".")))
        let text = String(repeating: "ä", count: 127)
        #expect(try directory.makeLink("l", to: text))
        #expect(try directory.link("l") == text)
        #expect(try !directory.makeLink("l", to: "other"))
        #expect(try directory.link("l") == text)
        #expect(try directory.remove("l"))
        #expect(try directory.link("l") == nil)
    }

    @Test("is none where a file stands")
    func file() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("x", to: "f")
        let directory = try Directory(FilePath(scratch.path(".")))
        #expect(try directory.link("f") == nil)
        #expect(try !directory.makeLink("f", to: "x"))
    }
}
