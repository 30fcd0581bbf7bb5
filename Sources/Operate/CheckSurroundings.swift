internal import Deliver
internal import Files
internal import JSON
internal import Spool
internal import SystemPackage
internal import Times

/// Looks at what a spool stands on: its directories and their rights, its clock, its subscriptions.
struct CheckSurroundings: Sendable {
    let spool: Spool

    private var directories: [(name: String, directory: Directory)] {
        State.allCases.map { ($0.rawValue, spool.directory($0)) } + [
            ("archive", spool.archive), ("subscriptions", spool.subscriptions), ("tmp", spool.tmp),
            (".billhook", spool.own), (".billhook/aside", spool.aside),
        ]
    }

    func findings() throws(OperateError) -> [CheckFinding] {
        var findings = CheckFolder.findings(folders)
        findings += mounts() + clock()
        return try findings + subscriptions()
    }

    // MARK: Directories

    private var folders: [CheckFolder] {
        directories.compactMap { name, _ in
            let path = spool.path.appending(name)
            guard let mode = try? CheckSystem.mode(path) else { return nil }
            return CheckFolder(name: name, mode: mode, isUsable: CheckSystem.mayUse(path))
        }
    }

    /// Two bind mounts of one file system look alike and refuse renames all the same, so a real one is tried. What a
    /// missing right prevents is told with the rights.
    private func mounts() -> [CheckFinding] {
        let name = ".billhook-rename-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        var findings: [CheckFinding] = []
        for (folder, directory) in directories where folder != ".billhook" {
            do throws(Errno) {
                try spool.own.write(name, [], durably: false)
                defer { _ = try? spool.own.remove(name) }
                if try spool.own.move(name, to: directory, as: name) { try directory.remove(name) }
            } catch .improperLink {
                findings.append(
                    CheckFinding(
                        .error, "several_mounts", folder + "/",
                        "Files can't be renamed between this directory and .billhook/: they are separate mounts, and every"
                            + " transition of a request is a rename.",
                        advice: "Put all of the spool on one file system, under one mount."))
            } catch .permissionDenied, .notPermitted {
                continue
            } catch {
                return findings + [
                    CheckFinding(
                        .error, "not_writable", folder + "/",
                        "A trial file can't be written and renamed to it: \(error).",
                        advice: "Make room, or mount the file system writable.")
                ]
            }
        }
        return findings
    }

    // MARK: Clock

    /// File times come from the file system's clock: on a network file system, from the server's.
    private func clock() -> [CheckFinding] {
        let name = "probe-\(String(UInt64.random(in: .min ... .max), radix: 16)).tmp"
        defer { _ = try? spool.own.remove(name) }
        let before = Timestamp.now
        guard (try? spool.own.write(name, [0], durably: false)) != nil, let status = try? spool.own.status(name) else {
            return []
        }
        return CheckSurroundings.skew(written: status.modified, between: before, and: .now)
    }

    static func skew(written: Timestamp, between before: Timestamp, and after: Timestamp) -> [CheckFinding] {
        let tolerance = Duration.seconds(2)
        guard written < before - tolerance || written > after + tolerance else { return [] }
        let (span, direction) = written < before ? (before - written, "behind") : (written - after, "ahead of")
        return [
            CheckFinding(
                .warning, "clock_skew", ".",
                "A file written just now has a time that is \(span.wholeMilliseconds) ms \(direction) this machine's clock;"
                    + " the schedule of the next attempts rests on file times.",
                advice: "Have the clocks of this machine and of the file server set by NTP.")
        ]
    }

    // MARK: Subscriptions

    private func subscriptions() throws(OperateError) -> [CheckFinding] {
        var findings: [CheckFinding] = []
        let snapshot = try SubscriptionFolder.read(spool)
        for (name, result) in snapshot.subscriptions.sorted(by: { $0.key < $1.key }) {
            let path = "subscriptions/\(DropName.escaped(Array(name.utf8))).json"
            if case .failure(let error) = result {
                findings.append(
                    CheckFinding(
                        .error, "bad_subscription", path, error.description,
                        advice: "Correct it. \(LastGoodVersion.sentence)"))
            }
            let object = content(of: name)
            findings += secrets(in: object, of: name, path) + rights(to: object, of: name, path)
        }
        let known = snapshot.subscriptions.keys.sorted()
        return findings + snapshot.paused.sorted().compactMap { strayMark($0, "paused", among: known) }
            + snapshot.disabled.sorted().compactMap { strayMark($0, "disabled", among: known) }
    }

    private func content(of name: String) -> JSONObject? {
        guard let content = try? spool.subscriptions.read(name + ".json", upTo: Subscription.maximumBytes) else {
            return nil
        }
        return (try? JSONReader.read(content))?.object
    }

    /// A file that pauses or disables nothing: its name is misspelt, and the one that is meant goes on being called.
    private func strayMark(_ name: String, _ suffix: String, among known: [String]) -> CheckFinding? {
        guard !known.contains(name) else { return nil }
        let stem = DropName.escaped(Array(name.utf8))
        let advice =
            NearestName.find(name, in: known).map { "Did you mean \($0).\(suffix)? Rename it, or remove it." }
            ?? "Remove it, or give it the name of a subscription."
        return CheckFinding(
            .warning, "stray_mark", "subscriptions/\(stem).\(suffix)",
            "There is no subscriptions/\(stem).json, so nothing is \(suffix) by this file.", advice: advice)
    }

    /// What root may read is not what the daemon may, and only the latter counts.
    private func rights(to object: JSONObject?, of name: String, _ path: String) -> [CheckFinding] {
        guard spool.owner == 0, let user = try? spool.subscriptions.status(".")?.owner, user != 0 else { return [] }
        var files = [spool.path.appending("subscriptions").appending(name + ".json")]
        if let file = object?["secret_file"]?.string {
            files.append(spool.path.appending("subscriptions").pushing(FilePath(file)))
        }
        return files.filter { isClosed($0, to: user) }.map { file in
            CheckFinding(
                .error, "unreadable_subscription", path,
                "\(file) belongs to another user than the spool, and nobody else may read it: a daemon that runs as the"
                    + " spool's owner (user \(user)) can't.",
                advice: "Give it to that user: chown \(user) \(file)")
        }
    }

    private func isClosed(_ path: FilePath, to user: UInt32) -> Bool {
        guard let owner = try? File.following(path).status().owner, let mode = try? CheckSystem.mode(path) else {
            return false
        }
        return owner != user && mode & 0o044 == 0
    }

    /// Whoever reads a secret can sign webhooks as this spool.
    private func secrets(in object: JSONObject?, of name: String, _ path: String) -> [CheckFinding] {
        guard let object else { return [] }
        var findings: [CheckFinding] = []
        let folder = spool.path.appending("subscriptions")
        if object["secret"] != nil, isReadableByAll(folder.appending(name + ".json")) {
            findings.append(.openSecret(path, "Every user of this machine may read this file, and the secret in it."))
        }
        if let file = object["secret_file"]?.string, isReadableByAll(folder.pushing(FilePath(file))) {
            findings.append(.openSecret(path, "Every user of this machine may read the file that `secret_file` names."))
        }
        if let file = object["client_key"]?.string, isReadableByAll(folder.pushing(FilePath(file))) {
            findings.append(.openSecret(path, "Every user of this machine may read the file that `client_key` names."))
        }
        return findings
    }

    private func isReadableByAll(_ path: FilePath) -> Bool {
        (try? CheckSystem.mode(path)).map { $0 & 0o004 != 0 } ?? false
    }
}

extension CheckFinding {
    fileprivate static func openSecret(_ path: String, _ message: String) -> CheckFinding {
        CheckFinding(
            .warning, "open_secret", path, message,
            advice: "Take the right away (chmod 600), and rotate the secret if somebody may have seen it.")
    }
}
