import AWSExchange
import AgentProtocol
import CCurl
import SecureMemory

/// What came of one try, as it is told.
struct Answer: ~Copyable {
    private let outcome: ExchangeMessage.Outcome
    private let detail: String
    private let status: UInt32
    private let date: Int64
    private let leaves: SecretBuffer?
    /// The text of `Error/Code`, when AWS refused.
    private let errorCode: String
    /// Whether the connection ended before anything of an answer's body came.
    private let isEmpty: Bool

    init(_ result: Transfer.Result, _ transfer: Transfer, _ proxy: ProxyView, isRaw: Bool) throws {
        var outcome = proxy.outcome(
            Self.outcome(result.code), connectStatus: result.connectStatus,
            isOfProxy: [CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY].contains(result.code))
        var detail = outcome == .answered ? "" : outcome.isOfProxy ? proxy.place : result.detail
        var code = ""
        var found: SecretBuffer?
        if transfer.isTooLarge {
            (outcome, detail) = (.tooLarge, "")
        } else if outcome == .answered, (300...399).contains(transfer.status) || transfer.hasLocation {
            (outcome, detail) = (.redirect, "")
        } else if outcome == .answered {
            if isRaw {
                var pair = try SecretBuffer(capacity: 4096, limit: AgentMessage.frameLimit)
                try pair.appendField("")
                if transfer.body.count <= 60 << 10 {
                    try pair.appendField(transfer.body)
                    found = consume pair
                } else {
                    outcome = .tooLarge
                }
            } else {
                do throws(XMLFault) {
                    let leaves = try XMLLeaves.read(transfer.body.bytes)
                    code = leaves.errorCode
                    found = leaves.takePairs()
                } catch {
                    outcome = error == .tooLarge ? .tooLarge : .malformed
                    detail = error.text
                }
            }
        }
        self.outcome = outcome
        self.detail = detail
        status =
            outcome == .proxyRefused || outcome == .proxyRefusedLogin
            ? result.connectStatus : transfer.status
        date = transfer.date
        errorCode = code
        isEmpty = transfer.body.count == 0
        leaves = found
    }

    /// Whether another try may bring more.
    var isTransient: Bool {
        RetryPolicy.isTransient(outcome, status: status, errorCode: errorCode, isEmpty: isEmpty)
    }

    consuming func reply() throws -> SecretBuffer {
        var frame = try Reply.begin(outcome, detail, status: status, date: date)
        switch leaves {
        case .some(let pairs):
            if try !frame.append(pairs.bytes) {
                return try Reply.of(.tooLarge, "", status: status, date: date)
            }
        case .none: break
        }
        try frame.endFrame(0)
        return frame
    }

    private static func outcome(_ code: CURLcode) -> ExchangeMessage.Outcome {
        switch code {
        case CURLE_OK: .answered
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .hostNotFound
        case CURLE_COULDNT_CONNECT: .cannotConnect
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_ENGINE_INITFAILED:
            .tls
        case CURLE_SSL_CACERT_BADFILE: .caBundle
        case CURLE_FILESIZE_EXCEEDED: .tooLarge
        // Cut short, or nothing at all.
        default: .other
        }
    }
}

/// The frame that goes back.
enum Reply {
    static func begin(
        _ outcome: ExchangeMessage.Outcome, _ detail: String, status: UInt32 = 0, date: Int64 = 0
    ) throws -> SecretBuffer {
        var frame = try SecretBuffer(capacity: 8 << 10, limit: AgentMessage.frameLimit + 4)
        _ = try frame.beginFrame(ExchangeMessage.reply)
        try frame.appendField(outcome.rawValue)
        try frame.appendField(
            String(
                detail.unicodeScalars.filter { (0x20...0x7E).contains($0.value) }.prefix(512).map(
                    Character.init)))
        try frame.appendField(status)
        try frame.appendField(UInt64(date))
        return frame
    }

    /// A whole one without an answer.
    static func of(
        _ outcome: ExchangeMessage.Outcome, _ detail: String, status: UInt32 = 0, date: Int64 = 0
    ) throws -> SecretBuffer {
        var frame = try begin(outcome, detail, status: status, date: date)
        try frame.endFrame(0)
        return frame
    }
}
