/// How often something is done that takes time: so many times at least, and beyond that up to so many, and for so long.
struct Effort {
    private let least: Int
    private let most: Int
    private let end: ContinuousClock.Instant
    /// How often it was allowed.
    private(set) var made = 0
    private var isOver = false

    /// - Parameter patience: from now on.
    init(least: Int, most: Int, patience: Duration) {
        self.least = least
        self.most = most
        end = .now + patience
    }

    /// Whether it may be done once more. What was refused once is refused ever after.
    mutating func allowsAnother() -> Bool {
        isOver = isOver || made >= most || made >= least && ContinuousClock.now >= end
        if !isOver { made += 1 }
        return !isOver
    }
}
