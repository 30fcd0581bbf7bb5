internal import Files
internal import Hashing
internal import Process
internal import Spool
internal import SystemPackage
internal import Times

/// A drop whose key was on its way to the archive when a crash came.
extension Claimer {
    /// Finishes that move: the request stands in the archive, and its sidecars, which take the key, still in done/.
    ///
    /// Returns `false` if it is not so; a request that a person took out of done/ leaves its sidecars there, too, but is not
    /// in the archive.
    func finishArchiving(_ key: Key, commit: inout Commit) throws(Errno) -> Bool {
        guard let content = try spool.read(.invoice, key, in: .done), let invoice = try? InvoiceRecord.read(content),
            invoice.key == key.name
        else { return false }
        let (day, mark) = (invoice.processedAt.day, Spool.archiveMark(invoiceID: invoice.id))
        guard let (folder, name) = try spool.interruptedArchive(of: key, day: day, mark: mark),
            let request = try folder.read(name, upTo: maximumBytes + 1),
            ContentHash.hex(ContentHash.sha256(request)) == invoice.requestSHA256,
            try spool.archive(key, from: .done, day: day, mark: mark)
        else { return false }
        commit.add(archiveDay: day)
        commit.add(.done)
        return true
    }
}
