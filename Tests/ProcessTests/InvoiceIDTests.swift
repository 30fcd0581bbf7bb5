import Hashing
import Process
import Testing
import Times

@Suite("Ids and digests")
struct InvoiceIDTests {
    private func id(
        spool: String = "spool", key: String = "key", sha: [UInt8] = [UInt8](repeating: 7, count: 32),
        inode: UInt64 = 42, modified: Int64 = 1_700_000_000_000_000_000
    ) -> String {
        InvoiceID.derive(
            spoolID: spool, key: key, requestSHA256: sha, inode: inode, modified: Timestamp(nanoseconds: modified))
    }

    @Test("an id is inv_ and 32 hexadecimal digits")
    func form() {
        #expect(id().wholeMatch(of: /inv_[0-9a-f]{32}/) != nil)
    }

    @Test("an id never changes with the version: invoices on disk were made with it")
    func pinned() {
        // Computed with Python's hashlib over the same length-prefixed fields.
        #expect(id() == "inv_5756949e4739589c47e03bc49b1e1bde")
        #expect(id(key: "", inode: .max, modified: -1) == "inv_c5bbf842eb5533d3ddb13bd9a54d29f2")
    }

    @Test("each thing it is made of makes another id")
    func distinct() {
        let ids = [
            id(), id(spool: "spool2"), id(key: "key2"), id(sha: [UInt8](repeating: 8, count: 32)), id(inode: 43),
            id(modified: 1_700_000_000_000_000_001), id(spool: "spoolk", key: "ey"), id(spool: "spoo", key: "lkey"),
        ]
        #expect(Set(ids).count == ids.count)
    }

    @Test(
        "digests are those of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ])
    func digests(text: String, hex: String) {
        #expect(ContentHash.hex(ContentHash.sha256(Array(text.utf8))) == hex)
    }

    @Test("every byte has two digits")
    func hex() {
        #expect(ContentHash.hex([0x00, 0x09, 0x0A, 0x9F, 0xA0, 0xFF]) == "00090a9fa0ff")
        #expect(ContentHash.hex([]) == "")
    }
}
