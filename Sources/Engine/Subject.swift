public import Claim
internal import Files
public import Spool

/// Something that stands in the spool and can be taken up: claimed, loaded, refused or brought home.
public enum Subject: Hashable, Sendable {
    case drop(Drop)
    /// In processing/.
    case request(Key)
    /// In incoming/, and no request.
    case refused([UInt8])
    /// In incoming/.
    case sidecar(String)

    /// What stands under a name; `nil` for a name that is left alone.
    public init?(_ place: Suspect.Place, _ name: [UInt8]) {
        let text = String(decoding: name, as: UTF8.self)
        switch (place, DropName(name)) {
        case (.processing, .request(let key)): self = .request(key)
        case (.aside, _):
            guard let drop = Drop(aside: text) else { return nil }
            self = .drop(drop)
        case (.incoming, .request), (.incoming, .conflict):
            guard let drop = Drop(incoming: text) else { return nil }
            self = .drop(drop)
        case (.incoming, .refused): self = .refused(name)
        case (.incoming, .sidecar): self = .sidecar(text)
        case (.incoming, .unfinished), (.processing, _): return nil
        }
    }

    init(_ candidate: Intake.Candidate) {
        switch candidate {
        case .drop(let drop, _, _): self = .drop(drop)
        case .refused(let name, _): self = .refused(name)
        case .sidecar(let name): self = .sidecar(name)
        }
    }

    public var place: Suspect.Place {
        switch self {
        case .drop(let drop): drop.place == .aside ? .aside : .incoming
        case .request: .processing
        case .refused, .sidecar: .incoming
        }
    }

    public var name: [UInt8] {
        switch self {
        case .drop(let drop): Array(drop.name.utf8)
        case .request(let key): Array(key.fileName.text.utf8)
        case .refused(let name): name
        case .sidecar(let name): Array(name.utf8)
        }
    }
}
