/// Why the agent refuses what it was asked for. Programs word it where a person reads it.
package enum AgentReason: Error, Equatable, Sendable {
    // MARK: the vault
    case locked
    case lockedMeanwhile
    case changedMeanwhile
    case entryChangedMeanwhile
    /// The agent serves the vault at this path.
    case otherVault(String)
    /// Another directory stands where the vault's was.
    case directoryReplaced
    case lockTimes
    /// The bytes that this process may lock; nil when they are not known.
    case keyNotLockable(limit: Int?)
    case changesNotLockable
    case otherCommandsChange
    case failed

    // MARK: sessions and requests to AWS
    case noAnswerForAnotherProgram
    case answeredTooLate
    case invalidExchangeReply
    case unknownAccount(name: String)
    case noSession(name: String)
    case sessionsNotRemovable
    /// What is wrong with the credentials in AWS's response.
    case rejectedResponse(String)
    case keyGone
    case noSecondKey(name: String)
    case invalidKeyID
    case unknownCall
    case consoleNeedsSession
    /// The key to set a duration for; nil where the console stays open as long as the session lasts.
    case consoleTakesNoDuration(key: String?)
    case temporaryKey(name: String)
    case invalidRoleARN(name: String)
    case mfaDevice(serial: String, fault: String, key: String)
    case servedRoleGone(name: String)
    case roleWithoutKey(name: String)
    case sourceGone(role: String)
    case otherPartition(
        role: String, partition: String, region: String, regionsPartition: String, example: String)
    case invalidRegion(String, fault: String)
    case invalidEndpoint(String)

    // MARK: codes of MFA devices
    case codeUsed
    /// A code that a sealed seed made; the next one comes in so many seconds.
    case seedCodeUsed(serial: String, seconds: Int64)
    case tooManyCodes
    case codesBusy
    case codesDamaged(path: String)

    // MARK: registration
    case cannotRegister(beside: String, in: String)
    /// The process of another agent that holds the vault and does not respond.
    case heldByAgent(process: Int32)
    case heldElsewhere
    case invalidSocket
}
