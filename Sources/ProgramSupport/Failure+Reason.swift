package import AgentProtocol

extension Failure {
    /// What a person is told of a refusal of the agent.
    package init(_ reason: AgentReason) { self = Failure(wording: reason).because(reason) }

    private init(wording reason: AgentReason) {
        switch reason {
        case .locked: self.init(.notPermitted, "the vault is locked", hint: "run 'sealring unlock'")
        case .lockedMeanwhile:
            self.init(.busy, "the vault was locked meanwhile: nothing was changed", hint: "try again")
        case .changedMeanwhile: self.init(.busy, "the vault was changed meanwhile", hint: "try again")
        case .entryChangedMeanwhile: self.init(.busy, "the entry was changed meanwhile", hint: "try again")
        case .otherVault(let path):
            self.init(
                .missing, "the agent serves another vault, \(String(path.prefix(200)).printable)",
                hint: "stop it with 'sealring lock --stop'")
        case .directoryReplaced:
            self.init(
                .unavailable, "the vault's directory was replaced since the agent started; it ended",
                hint: "run 'sealring unlock'")
        case .lockTimes:
            self.init(
                .usage, "the vault can stay unlocked for 1 second to 7 days",
                hint: "use --for and --idle within that range")
        case .keyNotLockable(let limit):
            self.init(
                .memory,
                "the agent cannot keep the vault key in locked memory"
                    + (limit.map { ": the limit is \($0 >> 10) KiB" } ?? ""),
                hint:
                    "raise it with 'ulimit -l' after 'sealring lock --stop', or unlock with --allow-unlocked-memory"
            )
        case .changesNotLockable:
            self.init(
                .memory, "these changes need more locked memory than the agent may have",
                hint: "raise the limit with 'ulimit -l', or make them with --no-agent")
        case .otherCommandsChange:
            self.init(.busy, "other commands are changing the vault", hint: "try again in a moment")
        case .failed: self.init(.inputOutput, "the agent failed")
        case .cannotRegister, .heldByAgent, .heldElsewhere, .invalidSocket: self.init(registration: reason)
        case .codeUsed, .seedCodeUsed, .tooManyCodes, .codesBusy, .codesDamaged: self.init(code: reason)
        default: self.init(session: reason)
        }
    }

    private init(code reason: AgentReason) {
        switch reason {
        case .codeUsed:
            self.init(
                .notPermitted, "this MFA code was already used", hint: "wait for the device's next code")
        case .seedCodeUsed(let serial, let seconds):
            self.init(
                .busy, "the code of '\(serial.printable)' was already used",
                hint: "try again in \(ShownDuration.text(seconds)), with the next one")
        case .tooManyCodes:
            self.init(.notPermitted, "too many MFA codes were tried", hint: "wait ten minutes")
        case .codesBusy: self.init(.busy, "another program is recording an MFA code", hint: "try again")
        case .codesDamaged(let path):
            self.init(
                .inputOutput, "\(path.printable), which records used MFA codes, is damaged",
                hint: "wait for the next code of the device, and remove the file")
        default: self.init(.inputOutput, "the agent failed")
        }
    }

    private init(registration reason: AgentReason) {
        switch reason {
        case .cannotRegister(let folder, let state):
            self.init(
                .inputOutput,
                "the agent cannot register itself in \(folder.printable) or in \(state.printable)",
                hint: "'sealring lock' must find it there: make one of the two writable, or free some space")
        case .heldByAgent(let process):
            self.init(
                .unavailable, "another agent holds the vault and does not respond (process \(process))",
                hint: "stop it with 'sealring lock'")
        case .heldElsewhere:
            self.init(
                .unavailable, "an agent in another container or on another machine holds the vault",
                hint: "stop it there with 'sealring lock --stop'")
        case .invalidSocket: self.init(.usage, "descriptor 3 is not a listening socket")
        default: self.init(.inputOutput, "the agent failed")
        }
    }
}
