internal import Files
internal import Hashing
internal import Process
internal import Spool
public import SystemPackage
internal import Times

/// Sidecars in incoming/ whose request is elsewhere.
extension Claimer {
    /// Brings a sidecar to its request, if that is done with and lacks it: `mv dead/KEY.json* incoming/` moves the request
    /// first, and takes the sidecars from under it when it has been claimed and buried again in the meantime.
    ///
    /// Returns whether it was left although this user or root put it there: its request may still come to rest.
    ///
    /// Left where it is: what neither this user nor root put there, an `.invoice` that does not fit, and everything whose
    /// request is in incoming/ or processing/ or nowhere.
    public func bringHome(_ name: String) throws(Errno) -> Bool {
        guard let parts = SidecarName(name), try isOurs(name) else { return false }
        let (sidecar, request) = (parts.sidecar, parts.owner)
        for directory in [spool.incoming, spool.processing] where try directory.contains(request) { return true }
        for state in [State.done, .dead, .hold] where try spool.directory(state).contains(request) {
            if sidecar == .error, state != .dead { return false }
            if sidecar == .invoice, try !fits(name, request, in: state), try !wasEdited(name, request, in: state) {
                return false
            }
            let isMoved = try spool.incoming.move(name, to: spool.directory(state), as: name)
            // The request has been explained anew since; the old reason, removed when a retry is claimed, came too late.
            if !isMoved, sidecar == .error { try spool.incoming.remove(name) }
            return false
        }
        return false
    }

    /// Whether a request went back to dead/ because it is not what was processed any more: its `.invoice` belongs there all
    /// the same.
    private func wasEdited(_ invoiceName: String, _ request: String, in state: State) throws(Errno) -> Bool {
        guard state == .dead, let bytes = try spool.incoming.read(invoiceName),
            let invoice = try? InvoiceRecord.read(bytes), invoice.key + ".json" == request,
            let error = try spool.dead.read("\(request).\(Sidecar.error.rawValue)")
        else { return false }
        return ErrorReport(error)?.code == ErrorReport.conflictCode
    }

    private func fits(_ invoiceName: String, _ request: String, in state: State) throws(Errno) -> Bool {
        guard let content = try content(of: request, in: spool.directory(state)),
            let bytes = try spool.incoming.read(invoiceName), let invoice = try? InvoiceRecord.read(bytes)
        else { return false }
        return invoice.key + ".json" == request
            && invoice.requestSHA256 == ContentHash.hex(ContentHash.sha256(content))
    }
}
