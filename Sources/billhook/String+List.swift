extension String {
    /// The parts of a list that is one argument: between commas, without the spaces around them.
    var commaSeparated: [String] {
        split(separator: ",").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}
