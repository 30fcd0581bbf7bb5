internal import Spool

/// What a name in a state directory says it is.
enum CheckName: Equatable {
    /// A request, or an event's entry.
    case request(Key)
    case sidecar(Sidecar, Key)
    /// A drop that conflicts with the request of its key: legal in dead/.
    case conflict
    /// What was in incoming/ and no request: legal in dead/.
    case refused
    /// The `.error` beside a conflict or a refused file, which is named here.
    case reason(of: String)
    /// A name that writers use for work in progress.
    case unfinished
    /// Nothing that Billhook knows.
    case foreign

    init(_ bytes: [UInt8]) {
        guard let name = String(validating: bytes, as: UTF8.self) else {
            self = .foreign
            return
        }
        switch DropName(name) {
        case .request(let key): self = .request(key)
        case .conflict: self = .conflict
        case .unfinished: self = .unfinished
        case .sidecar: self = CheckName.sidecar(name)
        case .refused: self = CheckName.other(name)
        }
    }

    private static func sidecar(_ name: String) -> CheckName {
        guard let name = SidecarName(name) else { return .foreign }
        return switch DropName(name.owner) {
        case .request(let key): .sidecar(name.sidecar, key)
        case .conflict where name.sidecar == .error: .reason(of: name.owner)
        default: .foreign
        }
    }

    private static func other(_ name: String) -> CheckName {
        let isReason = name.hasSuffix(".error")
        let stem = isReason ? String(name.dropLast(6)) : name
        guard stem.hasPrefix("refused-"), stem.utf8.count == 16, stem.dropFirst(8).allSatisfy(\.isHexDigit) else {
            return .foreign
        }
        return isReason ? .reason(of: stem) : .refused
    }

    // MARK: In aside/, where keys are derived

    /// The name of a drop that was set aside so that its key can be read: `~` and eight hexadecimal digits.
    static func isUnkeyed(_ name: ArraySlice<UInt8>) -> Bool {
        name.count == 9 && name.first == UInt8(ascii: "~")
            && name.dropFirst().allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
    }

    /// The name of a symbolic link that remembers under which name such a drop, or a request in processing/, came. The
    /// daemon removes what a crash left of them.
    static func isOriginalName(_ name: [UInt8]) -> Bool {
        guard name.suffix(5).elementsEqual(".name".utf8) else { return false }
        let owner = name.dropLast(5)
        if isUnkeyed(owner) { return true }
        if case .request = DropName(Array(owner)) { return true }
        return false
    }
}
