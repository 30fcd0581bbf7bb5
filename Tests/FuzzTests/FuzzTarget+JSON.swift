import JSON

extension FuzzTarget {
    static let json = FuzzTarget(
        name: "JSON",
        examples: [
            #"{"a":[1,2.50,-3e2,true,false,null],"b":{"c":"\u00e9\ud83d\ude00\n\"\\"},"":""}"#, "[[[[[[[]]]]]]]",
            "\"\"",
            "0.1000e1", #"{"b":1,"a":2,"é":3,"\u0065":4}"#, "[-0,0,0.0,1e2,100]",
        ], tokens: syntax
    ) { bytes in
        let value: JSONValue
        do throws(JSONError) { value = try JSONReader.read(bytes) } catch {
            if !(0...bytes.count).contains(error.offset) { return "the error is at byte \(error.offset)" }
            if error.line < 1 { return "the error is in line \(error.line)" }
            return nil
        }
        let canonical = value.canonical()
        guard let again = try? JSONReader.read(canonical) else { return "its canonical form is no JSON" }
        if again.canonical() != canonical { return "the canonical form of its canonical form is another" }
        if !again.isSame(as: value) || !value.isSame(as: again) { return "it is not the same as its canonical form" }
        for length in [bytes.count / 3, bytes.count / 2, bytes.count - 1] where length >= 0 {
            // What is cut off from the end of a document in brackets must look like a file that is still being written.
            guard let first = bytes.first(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }),
                [0x7b, 0x5b].contains(first),
                bytes.last == 0x7d || bytes.last == 0x5d
            else { break }
            do throws(JSONError) { _ = try JSONReader.read(Array(bytes[..<length])) } catch {
                if !error.isIncomplete { return "cut off after \(length) bytes it is wrong, not incomplete" }
                continue
            }
            return "cut off after \(length) bytes it is complete"
        }
        return nil
    }
}
