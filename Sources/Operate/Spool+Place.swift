internal import Files
internal import Spool
internal import SystemPackage

extension Spool {
    /// Where a key is: the request that has it comes first, then the drop in incoming/, then what is left of it.
    func place(of key: Key) throws(Errno) -> KeyReport.Place? {
        if let state = try stateOfRequest(key) { return .state(state) }
        if try incoming.contains(key.fileName) { return .state(.incoming) }
        for sidecar in Sidecar.allCases {
            if let state = try state(of: sidecar, key) { return .removed(sidecarsIn: state) }
        }
        return try archiveDay(of: key).map { .archive(day: $0) }
    }

    /// The latest day under which it was archived.
    private func archiveDay(of key: Key) throws(Errno) -> String? {
        let days = try archive.names().map { String(decoding: $0, as: UTF8.self) }
        for day in days.sorted(by: >) {
            if let folder = try? archive.directory(day), try folder.contains(key.fileName) { return day }
        }
        return nil
    }
}
