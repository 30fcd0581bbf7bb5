extension Array {
    /// Appends others; an empty array becomes theirs, which spares counting a reference to each and forgetting it again.
    mutating func absorb(_ others: [Element]) {
        if isEmpty { self = others } else { self += others }
    }
}
