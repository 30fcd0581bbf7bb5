import Foundation
import TestSupport

extension TestSpool {
    /// Leaves `.billhook/deaths` as a process does that ended while it was reading this file alone.
    ///
    /// - Parameter deaths: how often that had happened before.
    func suspect(_ name: String, in place: String, deaths: Int) throws {
        var status = stat()
        guard lstat(path("\(place)/\(name)"), &status) == 0 else { throw HarnessError("\(place)/\(name) is missing.") }
        let modified = Int(status.st_mtim.tv_sec) * 1_000_000_000 + Int(status.st_mtim.tv_nsec)
        try write(
            """
            {"deaths":4,"suspect":{"place":"\(place)","name":"\(name)","inode":\(status.st_ino),"size":\(status.st_size),\
            "modified_ns":\(modified),"deaths":\(deaths)}}
            """, to: ".billhook/deaths")
    }
}
