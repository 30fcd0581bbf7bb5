internal import Files
internal import JSON
internal import Spool
internal import SystemPackage
internal import Times

extension CheckReport {
    /// The report for a person: what was repaired, what is left, and a summary as its last line.
    public func text() -> String {
        var lines: [String] = []
        for finding in mended.listed { lines += finding.lines("repaired", finding.repair?.deed ?? "") }
        if mended.count > mended.listed.count {
            lines.append("\(mended.count - mended.listed.count) more were repaired.")
        }
        for finding in findings.listed { lines += finding.lines(finding.level.rawValue, finding.advice) }
        if findings.count > findings.listed.count {
            lines.append("\(findings.count - findings.listed.count) more are not listed.")
        }
        lines.append("The spool \(path): \(capabilities.text).")
        lines.append(summary)
        return lines.joined(separator: "\n") + "\n"
    }

    /// One sentence: how many of what.
    public var summary: String {
        let counts = CheckFinding.Level.allCases.reversed().compactMap { level in
            let count = findings.count(level)
            return count > 0 ? level.counted(count) : nil
        }
        if !isRepair {
            if counts.isEmpty { return "Nothing is wrong." }
            let sentence = "Found \(counts.joined(separator: ", "))"
            let mends = findings.repairable
            return mends > 0 ? "\(sentence); --repair mends \(mends) of them." : "\(sentence)."
        }
        let left = counts.isEmpty ? "nothing is left" : "\(counts.joined(separator: ", ")) left"
        return mended.count == 0 ? "Nothing was repaired; \(left)." : "Repaired \(mended.count); \(left)."
    }

    /// The report as JSON Lines: an object for each finding, and a last one that sums up.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter(reserving: 1024)
        for finding in mended.listed { finding.write(to: &writer, isRepaired: true) }
        for finding in findings.listed { finding.write(to: &writer, isRepaired: false) }
        writer.beginObject()
        writer.member("finding", "summary")
        writer.member("spool", path.string)
        writer.member("at", at)
        writer.member("repair", isRepair)
        writer.name("served_by")
        if let servedBy { writer.string(servedBy) } else { writer.null() }
        for level in CheckFinding.Level.allCases.reversed() {
            writer.name(level.plural)
            writer.integer(findings.count(level))
        }
        writer.member("repairable", findings.repairable)
        writer.member("repaired", mended.count)
        writer.member("unlisted", findings.count - findings.listed.count + mended.count - mended.listed.count)
        writer.member("renames", capabilities.renamesWord)
        writer.member("changes", capabilities.changesWord)
        if let room = host.room { room.write(to: &writer) }
        host.limits.write(to: &writer)
        writer.member("message", summary)
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }
}

extension CheckFinding.Level {
    var plural: String {
        switch self {
        case .info: "notes"
        case .warning: "warnings"
        case .error: "errors"
        }
    }

    fileprivate func counted(_ count: Int) -> String {
        count == 1 ? "1 \(plural.dropLast())" : "\(count) \(plural)"
    }
}

extension CheckFinding {
    fileprivate func lines(_ word: String, _ advice: String) -> [String] {
        let label = word + String(repeating: " ", count: max(1, 9 - word.utf8.count))
        return ["\(label)\(path)", "         \(message)", "         \(advice)"]
    }

    fileprivate func write(to writer: inout JSONWriter, isRepaired: Bool) {
        writer.beginObject()
        writer.member("finding", code)
        writer.member("level", level.rawValue)
        writer.member("path", path)
        writer.member("message", message)
        writer.member("advice", isRepaired ? repair?.deed ?? "" : advice)
        writer.member("repairable", isRepairable)
        writer.member("repaired", isRepaired)
        writer.endObject()
        writer.endLine()
    }
}

extension SpoolCapabilities {
    fileprivate var renamesWord: String {
        switch renames {
        case .atomic: "renameat2"
        case .links: "link"
        case .none: "none"
        case .unknown: "unknown"
        }
    }

    fileprivate var changesWord: String {
        switch changes {
        case .inotify: "inotify"
        case .polling: "polling"
        case .unknown: "unknown"
        }
    }
}

extension DiskRoom {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("free_bytes", Int64(clamping: freeBytes))
        writer.member("bytes", Int64(clamping: bytes))
        writer.member("free_inodes", Int64(clamping: freeInodes))
        writer.member("inodes", Int64(clamping: inodes))
    }
}

extension CheckLimits {
    fileprivate func write(to writer: inout JSONWriter) {
        if let watches { writer.member("max_user_watches", watches) }
        if let instances { writer.member("max_user_instances", instances) }
        if let queuedEvents { writer.member("max_queued_events", queuedEvents) }
    }
}
