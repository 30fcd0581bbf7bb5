/// Numbers are ordered by what they are worth, to the last digit: `1`, `1.0` and `10e-1` are equal, and no `Double` takes
/// part, for which 9007199254740993 and 9007199254740992 would be.
extension JSONNumber: Comparable {
    public static func == (a: JSONNumber, b: JSONNumber) -> Bool { order(a, b) == 0 }

    public static func < (a: JSONNumber, b: JSONNumber) -> Bool { order(a, b) < 0 }

    /// Below zero, zero or above it, as `a` is less than, equal to or greater than `b`.
    private static func order(_ a: JSONNumber, _ b: JSONNumber) -> Int {
        if let a = a.int64, let b = b.int64 { return a < b ? -1 : a == b ? 0 : 1 }
        return JSONDecimal(a.text).order(to: JSONDecimal(b.text))
    }
}

extension JSONDecimal {
    fileprivate func order(to other: JSONDecimal) -> Int {
        guard sign == other.sign, sign != 0 else { return sign - other.sign }
        return isNegative ? other.magnitudeOrder(to: self) : magnitudeOrder(to: other)
    }

    private var sign: Int { isZero ? 0 : isNegative ? -1 : 1 }

    /// Neither is zero. The digits end with none, so of two that begin alike the shorter is less.
    private func magnitudeOrder(to other: JSONDecimal) -> Int {
        let (point, otherPoint) = (digits.count + exponent, other.digits.count + other.exponent)
        guard point == otherPoint else { return point < otherPoint ? -1 : 1 }
        return digits == other.digits ? 0 : digits.lexicographicallyPrecedes(other.digits) ? -1 : 1
    }
}
