extension Int {
    /// So many of something: `1 request`, `2 requests`.
    ///
    /// - Parameter noun: one of them; its plural ends in `s`.
    public func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
