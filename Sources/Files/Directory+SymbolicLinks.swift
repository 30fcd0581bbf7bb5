internal import Glibc
public import SystemPackage

extension Directory {
    /// Makes a symbolic link (`symlink(2)`) that is not meant to be followed but to hold a text: one call that writes it
    /// whole or not at all, and that a journal keeps in order with the renames after it, unlike a file's bytes.
    ///
    /// Returns `false`, with nothing changed, if the name stands. Throws `notPermitted` where the file system has no
    /// symbolic links, and whatever else the call does.
    public func makeLink(_ name: String, to text: String) throws(Errno) -> Bool {
        do {
            _ = try retrying { symlinkat(text, descriptor, name) }
            return true
        } catch .fileExists {
            return false
        }
    }

    /// The text of a symbolic link; `nil` if none stands under the name.
    public func link(_ name: String) throws(Errno) -> String? {
        let limit = Int(PATH_MAX)
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            do throws(Errno) {
                count = try retryingSize {
                    buffer.withMemoryRebound(to: CChar.self) { text in
                        text.baseAddress.map { readlinkat(descriptor, name, $0, limit) } ?? 0
                    }
                }
            } catch {
                failure = error
            }
        }
        switch failure {
        case nil: return String(decoding: bytes, as: UTF8.self)
        case .noSuchFileOrDirectory?, .invalidArgument?: return nil
        case let failure?: throw failure
        }
    }
}
