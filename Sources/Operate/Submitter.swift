internal import Files
public import Spool
internal import SystemPackage

/// Drops requests into incoming/: whole, durable, and never over something that stands.
///
/// A request is written in tmp/ and flushed, renamed into incoming/ without replacing, and the directory is flushed
/// before anybody is told. So what was reported as submitted survives a power cut, and a crash before that leaves a file
/// in tmp/, which is swept later, or a request that was not reported: submitting it again is safe.
public struct Submitter: Sendable {
    /// The most requests that share a flush.
    public static let batchLimit = 256

    private let spool: Spool
    private let whole: WholeFlush?

    public init(_ spool: Spool) {
        self.spool = spool
        whole = WholeFlush(spool)
    }

    /// What became of a request.
    public enum Outcome: Sendable, Equatable {
        /// It stands in incoming/, durably.
        case submitted
        /// The same request stands already; nothing was dropped.
        case duplicate(of: Standing)
        /// Another request has the key; nothing was dropped.
        case conflict(with: Standing)

        init(_ standing: Standing) {
            self = standing.isSame ? .duplicate(of: standing) : .conflict(with: standing)
        }
    }

    /// Submits requests, and answers in their order; two of one key are a duplicate or a conflict of each other.
    ///
    /// - Throws: `OperateError` when the spool can't be written. Some of the requests may stand in incoming/ then:
    ///   submitting all of them again is safe.
    public func submit(_ submissions: [Submission]) throws(OperateError) -> [Outcome] {
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(submissions.count)
        try explaining("The spool \(spool.path) can't be written") { () throws(Errno) in
            var commit = Commit(.full, whole: whole)
            for start in stride(from: 0, to: submissions.count, by: Submitter.batchLimit) {
                let batch = submissions[start..<min(start + Submitter.batchLimit, submissions.count)]
                outcomes += try submit(batch: batch, &commit)
            }
            try commit.flush(spool)
        }
        return outcomes
    }

    /// Submits one request, as `submit(_:)` does.
    public func submit(_ submission: Submission) throws(OperateError) -> Outcome {
        try submit([submission]).first ?? .submitted
    }

    /// Leaves what it renamed in `commit`: the next batch flushes it together with its own files.
    private func submit(batch: ArraySlice<Submission>, _ commit: inout Commit) throws(Errno) -> [Outcome] {
        let lookup = KeyLookup(spool: spool)
        var staged: [(submission: Submission, name: String?, standing: Standing?)] = []
        staged.reserveCapacity(batch.count)
        do throws(Errno) {
            for submission in batch {
                // What has been submitted before is not written first; who else has the key is looked for before the rename.
                let standing = try lookup.seemsFree(submission) ? nil : lookup.standing(against: submission)
                let name = standing == nil ? try stage(submission, &commit) : nil
                staged.append((submission, name, standing))
            }
            try commit.flush(spool)
            var outcomes: [Outcome] = []
            outcomes.reserveCapacity(batch.count)
            for (submission, name, standing) in staged {
                let found = try name.map { (name) throws(Errno) in try drop(submission, name, lookup) } ?? standing
                outcomes.append(found.map(Outcome.init) ?? .submitted)
                if let found, found.isSame { try commit.acknowledge(submission.key, in: found.state, of: spool) }
            }
            commit.add(.incoming)
            return outcomes
        } catch {
            for (_, name, _) in staged { if let name { _ = try? spool.tmp.remove(name) } }
            throw error
        }
    }

    private func stage(_ submission: Submission, _ commit: inout Commit) throws(Errno) -> String {
        let name = TemporaryName.make(for: submission.key.fileName.text)
        let file = try File.creating(name, in: spool.tmp)
        do throws(Errno) {
            try file.write(submission.content)
            try file.give(toOwnerOf: spool.incoming)
        } catch {
            _ = try? spool.tmp.remove(name)
            throw error
        }
        commit.add(file)
        return name
    }

    /// Renames into incoming/; answers who was faster, if somebody was.
    private func drop(_ submission: Submission, _ name: String, _ lookup: KeyLookup) throws(Errno) -> Standing? {
        while true {
            if let standing = try lookup.standing(against: submission) {
                try spool.tmp.remove(name)
                return standing
            }
            if try spool.tmp.move(name, to: spool.incoming, as: submission.key.fileName) { return nil }
        }
    }
}

/// Names in tmp/ that nobody else has.
enum TemporaryName {
    static func make(for fileName: String) -> String {
        "\(fileName).\(String(UInt64.random(in: .min ... .max), radix: 16)).tmp"
    }
}
