/// An MFA device by its ARN or serial number, as far as that shows whether AWS accepts its codes.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableMFADevice.html>.
package enum MFADevice {
    package enum Fault: Error, Equatable, Sendable {
        /// It is neither an ARN of a device nor a serial number.
        case form
        case unknownPartition(String)
        /// A security key or a passkey, which signs instead of showing codes.
        case securityKey
        /// AWS sends no codes by text message any more.
        case textMessage

        package var reason: String {
            switch self {
            case .form: "it is neither the ARN nor the serial number of an MFA device"
            case .unknownPartition(let name):
                "unknown partition '\(name)'; the known ones are \(AWSPartition.names)"
            case .securityKey:
                "a security key or passkey shows no codes, and AWS accepts only codes for API requests"
            case .textMessage: "AWS no longer sends MFA codes by text message"
            }
        }
    }

    /// How many characters an ARN or a serial number may have.
    package static var lengths: ClosedRange<Int> { 9...256 }

    /// Whether the bytes are a code as devices show it: six digits.
    package static func isCode(_ bytes: Span<UInt8>) -> Bool {
        bytes.count == 6 && bytes.allSatisfy { $0.isDigit }
    }

    /// Checks that AWS accepts a device's codes.
    package static func check(_ serial: String) throws(Fault) {
        guard lengths.contains(serial.utf8.count), serial.utf8.allSatisfy(isAllowed) else { throw .form }
        guard serial.hasPrefix("arn:") else { return }
        guard let parts = IAMName(serial) else { throw .form }
        guard AWSPartition.named(parts.partition) != nil else {
            throw .unknownPartition(String(parts.partition))
        }
        let (kind, name) = (parts.resource.prefix { $0 != "/" }, parts.resource.drop { $0 != "/" })
        guard name.utf8.count > 1 else { throw .form }
        switch kind {
        case "mfa": return
        case "u2f", "fido", "passkey", "security-key": throw .securityKey
        case "sms-mfa": throw .textMessage
        default: throw .form
        }
    }

    /// The account in a device's ARN; nil for a serial number, which has none.
    package static func account(of serial: String) -> String? { IAMName(serial).map { String($0.account) } }

    /// The partition in a device's ARN.
    package static func partition(of serial: String) -> AWSPartition? {
        IAMName(serial).flatMap { AWSPartition.named($0.partition) }
    }

    /// `[\w+=/:,.@-]`.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte.isDigit || byte.isLetter || "_+=/:,.@-".utf8.contains(byte)
    }
}
