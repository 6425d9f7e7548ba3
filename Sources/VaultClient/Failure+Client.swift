import AWSConfigFile
import AgentProtocol
import CredentialVault
import DurableFiles
import Platform
package import ProgramSupport
import SecureMemory

extension Failure {
    /// The failure behind an error of any module; nil for one of the command line's parser.
    package static func of(_ error: any Error) -> Failure? {
        switch error {
        case let error as Failure: error
        case let error as AgentReason: Failure(error)
        case let error as VaultError: Failure(error)
        case let error as FileError: Failure(error)
        case let error as SecureMemoryError: Failure(error)
        case let error as AgentError: Failure(error)
        case let error as AWSRefused: error.failure
        case let error as RotationRefusal: error.failure
        case let error as NoAnswer: error.failure
        case let error as AWSConfigError: Failure(error, path: nil)
        case let error as OutputClosed:
            Failure(.inputOutput, error.code == EPIPE ? "" : "stdout: \(describe(errno: error.code))")
        default: nil
        }
    }
}
