public import SystemPackage
public import Times

/// What `check` found in a spool and, if it was asked to, what it repaired.
public struct CheckReport: Sendable {
    /// The most findings that are listed; the rest are counted.
    public static let maximumListed = 1000

    public let path: FilePath
    public let at: Timestamp
    /// Whether it was to repair what it found.
    public let isRepair: Bool
    /// Who serves the spool.
    public let servedBy: String?
    public let capabilities: SpoolCapabilities
    public let host: CheckHost
    /// What is left, at most `maximumListed` of it.
    public internal(set) var findings = CheckList()
    /// What was repaired, at most `maximumListed` of it.
    public internal(set) var mended = CheckList()

    init(
        path: FilePath, at: Timestamp, isRepair: Bool, servedBy: String?, capabilities: SpoolCapabilities,
        host: CheckHost
    ) {
        self.path = path
        self.at = at
        self.isRepair = isRepair
        self.servedBy = servedBy
        self.capabilities = capabilities
        self.host = host
    }

    /// Whether something is left that a spool must not have.
    public var isIllegal: Bool { findings.count(.error) > 0 }
}
