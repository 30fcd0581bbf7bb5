import Spool

extension FuzzTarget {
    static let dropName = FuzzTarget(
        name: "drop name",
        examples: [
            "inv-1.json", "k.conflict-12345678.json", "k.conflict-\u{ff11}\u{ff12}\u{ff13}.json", ".hidden.json",
            "a.json.invoice", "a.json.part", "a.json~", "#a.json#",
            "-rf.json", "+event.json", String(repeating: "k", count: 200) + ".json", "é.json", "a b.json", "x",
        ],
        tokens: [
            ".json", ".conflict-", ".invoice", ".", "..", "/", "~", "\n", "\u{ff11}", "é", "-", "A", ".tmp", "0123abcd",
        ]
    ) { bytes in
        let name = DropName(bytes)
        let legal: (UInt8) -> Bool = {
            switch $0 {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2e, 0x5f, 0x7e, 0x40, 0x3a, 0x2b, 0x3d, 0x2d: true
            default: false
            }
        }
        if DropName.refusedName(bytes).utf8.count != 16 { return "the name it is refused under is wrong" }
        if DropName.escaped(bytes).utf8.contains(where: { $0 < 0x20 || $0 > 0x7e }) { return "it is not escaped" }
        switch name {
        case .request(let key):
            if Array((key.name + ".json").utf8) != bytes { return "its key is \(key.name)" }
            if !(1...200).contains(key.name.utf8.count) || !key.name.utf8.allSatisfy(legal) {
                return "its key is illegal"
            }
            if [0x2e, 0x5f, 0x7e, 0x40, 0x3a, 0x2b, 0x3d, 0x2d].contains(bytes[0]) { return "its key begins wrongly" }
            if key.name.contains(".conflict-") { return "its key is a conflict's name" }
        case .conflict(let key):
            let rest = bytes.dropFirst(key.name.utf8.count)
            if !rest.starts(with: Array(".conflict-".utf8)) || !rest.allSatisfy(legal) {
                return "its key is \(key.name)"
            }
        case .unfinished, .sidecar: break
        case .refused(let reason): if reason.isEmpty { return "it is refused without a reason" }
        }
        return nil
    }
}
