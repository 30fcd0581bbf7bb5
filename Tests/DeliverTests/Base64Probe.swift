import Foundation

/// Foundation's base64, which shares no code with the reader under test.
enum Base64Probe {
    static func bytes(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map { [UInt8]($0) } }
    static func text(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
