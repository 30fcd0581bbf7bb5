internal import Spool

/// What it means where a sidecar stands, judged by where the requests of its key do.
enum CheckPlacement: Equatable {
    /// Beside its request.
    case beside
    /// Its request was dropped again, or parked: it is brought along when that is claimed.
    case waiting
    /// Its request stands in one other place, where the sidecar should be.
    case stray(request: State)
    /// Requests of its key stand in several places.
    case ambiguous([State])
    /// There is no request of its key.
    case gone

    /// Whether it stands where no request of its key does, or is to be claimed.
    var isOutOfPlace: Bool {
        switch self {
        case .beside, .waiting: false
        case .stray, .ambiguous, .gone: true
        }
    }

    /// - Parameter requests: the states in which a request of the key stands.
    static func of(sidecarIn state: State, requests: [State]) -> CheckPlacement {
        if requests.contains(state) { return .beside }
        // A drop of a taken key is compared with what stands; the sidecars are not its own.
        let settled = requests.filter { $0 != .incoming }
        guard let place = settled.first ?? requests.first else { return .gone }
        if settled.count > 1 { return .ambiguous(settled) }
        return place == .incoming || place == .hold ? .waiting : .stray(request: place)
    }
}
