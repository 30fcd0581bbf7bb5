import JSON

func read(_ text: String) throws -> JSONValue {
    try JSONReader.read(Array(text.utf8))
}

/// Why bytes are refused; `nil` if they are read.
func refusal(of bytes: [UInt8], maximumDepth: Int = 128) -> JSONError? {
    do throws(JSONError) {
        _ = try JSONReader.read(bytes, maximumDepth: maximumDepth)
        return nil
    } catch {
        return error
    }
}

func refusal(of text: String, maximumDepth: Int = 128) -> JSONError? {
    refusal(of: Array(text.utf8), maximumDepth: maximumDepth)
}

func canonical(_ text: String) throws -> String {
    String(decoding: try read(text).canonical(), as: UTF8.self)
}

func nested(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
}

/// SplitMix64: the same numbers for the same seed, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
