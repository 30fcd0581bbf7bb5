import Files
import Foundation
import SystemPackage
import TestSupport

/// Two directories of its own.
struct Room {
    let scratch: ScratchDirectory
    let from: Directory
    let to: Directory

    init() throws {
        scratch = try ScratchDirectory()
        let root = try Directory(FilePath(scratch.path))
        try root.make("from")
        try root.make("to")
        from = try root.directory("from")
        to = try root.directory("to")
    }

    func put(_ text: String, _ place: String) throws {
        try scratch.write(text, to: place)
    }

    func text(_ place: String) throws -> String {
        String(decoding: try scratch.read(place), as: UTF8.self)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: scratch.path(name), withDestinationPath: target)
    }

    /// Sorted names in a directory.
    func names(_ directory: Directory) throws -> [String] {
        try directory.names().map { String(decoding: $0, as: UTF8.self) }.sorted()
    }
}
