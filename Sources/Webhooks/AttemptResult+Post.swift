public import Deliver
public import Transport

extension AttemptResult {
    /// What a call came to, in the words of deliveries.
    public init(_ result: PostResult) {
        switch result {
        case .answer(let status, let retryAfter, let head):
            self = .answer(status: status, retryAfter: retryAfter, head: head)
        case .instructed(let instruction, let status, let head):
            self = .instructed(DeliveryInstruction(instruction), status: status, head: head)
        case .failure(let failure):
            self = .failure(DeliveryFailure(failure))
        }
    }
}

extension DeliveryInstruction {
    fileprivate init(_ instruction: PostInstruction) {
        self =
            switch instruction {
            case .abortMessage: .abortMessage
            case .disable: .disable
            }
    }
}

extension DeliveryFailure {
    fileprivate init(_ failure: PostFailure) {
        self =
            switch failure {
            case .dnsFailed: .dnsFailed
            case .connectRefused: .connectRefused
            case .connectTimeout: .connectTimeout
            case .connectFailed: .connectFailed
            case .timeout: .timeout
            case .addressRefused: .addressRefused
            case .proxyFailed: .proxyFailed
            case .clientCertificateFailed: .clientCertFailed
            case .authoritiesFailed: .caFileFailed
            case .tlsFailed: .tlsFailed
            case .connectionReset: .connectionReset
            case .badResponse: .badResponse
            case .badURL: .badURL
            case .tooLarge: .tooLarge
            case .other, .noDescriptor: .other
            }
    }
}
