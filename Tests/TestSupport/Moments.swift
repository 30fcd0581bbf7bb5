public import Times

/// The moment at which stories begin: 2026-11-21T12:00:00Z.
public let noon = Timestamp(seconds: 1_795_262_400, nanoseconds: 0)
