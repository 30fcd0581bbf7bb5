public import Files
public import SystemPackage

extension Spool {
    private static let deathsName = "deaths"

    /// What the last run left in `.billhook/deaths`, to be read by `Deaths.following`; `nil` if it ended well.
    public func deathsLeft() throws(Errno) -> [UInt8]? {
        try own.read(Spool.deathsName, upTo: 65_536)
    }

    /// Writes `.billhook/deaths` anew, whole or not at all if the process is killed meanwhile.
    ///
    /// It is not flushed: what a power cut takes of it is a count that begins again.
    public func write(_ deaths: Deaths) throws(Errno) {
        let temporary = "\(Spool.deathsName).new"
        try own.write(temporary, deaths.encoded(), durably: false)
        try own.replace(Spool.deathsName, in: own, with: temporary)
    }

    /// Removes `.billhook/deaths`: a later end says nothing about what stood at the start.
    public func forgetDeaths() throws(Errno) {
        try own.remove(Spool.deathsName)
    }

    public func directory(_ place: Suspect.Place) -> Directory {
        switch place {
        case .incoming: incoming
        case .aside: aside
        case .processing: processing
        }
    }

    /// Where a suspect stands now: where it was, or one step further on its way. `nil` if it has gone, or if somebody has
    /// changed it, which makes it another file.
    ///
    /// Opens nothing but aside/.
    public func locate(_ suspect: Suspect) throws(Errno) -> Suspect? {
        for (place, name) in try whereabouts(of: suspect) {
            if let status = try directory(place).status(name), Suspect.Mark(status) == suspect.mark {
                return Suspect(place: place, name: name, mark: suspect.mark, deaths: suspect.deaths)
            }
        }
        return nil
    }

    private func whereabouts(of suspect: Suspect) throws(Errno) -> [(Suspect.Place, [UInt8])] {
        let here = (suspect.place, suspect.name)
        guard let key = suspect.key else { return [here] }
        let aside = try aside.names().filter { $0.starts(with: "\(key.fileName)~".utf8) }
        let name = Array(key.fileName.text.utf8)
        return [here, (.processing, name)] + aside.map { (.aside, $0) } + [(.incoming, name)]
    }
}

extension Suspect {
    /// The key that it asks for, or has; `nil` for what is no request.
    public var key: Key? {
        var name = name[...]
        // In aside/ a drop is named KEY.json~MARK.
        if place == .aside, let mark = name.lastIndex(of: UInt8(ascii: "~")) { name = name[..<mark] }
        return switch DropName(Array(name)) {
        case .request(let key), .conflict(let key): key
        case .unfinished, .sidecar, .refused: nil
        }
    }
}
