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
