/// What becomes of a subscription whose file is wrong. Only a running daemon knows whether it has seen a version that was in
/// order, so no command claims either.
enum LastGoodVersion {
    /// A whole sentence.
    static let sentence =
        "A running daemon goes on with the last good version that it had; otherwise invoices wait for this subscriber."
}
