import JSON
import Testing

@Suite("Error messages")
struct JSONErrorTests {
    @Test("a message is a sentence that says what, where and what to do")
    func sentence() {
        #expect(
            refusal(of: "{\n  \"a\": 1,\n  \"a\": 2\n}")?.description
                == "The JSON is wrong at byte 14 (line 3): an object has this name twice. "
                + "Remove one of the two members.")
        #expect(
            refusal(of: "")?.description
                == "The JSON is empty. Write the whole document, then rename it into place.")
        #expect(
            refusal(of: "[1")?.description
                == "The JSON is wrong at byte 2 (line 1): it ends before it is complete. "
                + "Write the whole document, then rename it into place.")
    }

    @Test("a message shows nothing of the content")
    func noPayload() {
        let secrets = [
            #"{"s3cret":1,"s3cret":2}"#, #"["s3cret" s3cret]"#, "s3cret", #"{"a":"s3cret\x"}"#, "{s3cret", "[] s3cret",
        ]
        for secret in secrets { #expect(refusal(of: secret)?.description.contains("s3cret") == false) }
    }
}
