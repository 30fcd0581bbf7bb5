extension Billhook {
    /// The arguments as the parser takes them: `--wait` alone means `--wait=done`, which its options can't say themselves.
    ///
    /// What follows `--` is left as it is.
    static func normalized(_ arguments: [String]) -> [String] {
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        return arguments[..<end].map { $0 == "--wait" ? "--wait=done" : $0 } + arguments[end...]
    }
}
