import AWSRequests
import AWSValues
import AgentProtocol
import CredentialVault
import ProgramSupport

/// How the credentials behind a name are had: a key, and the requests that lead from it to what is served.
struct SessionPlan {
    struct Step {
        /// The entry or the role whose settings it has.
        let name: String
        let operation: AWSOperation
        let endpoint: AWSEndpoint
        let caBundle: String
        /// What its result is kept under.
        let fingerprint: String
        /// The account that the credentials must belong to; nil when it is not known.
        let accountID: String?
        /// For how long they are asked.
        let seconds: UInt32
        /// The MFA device whose code is needed.
        let serial: String?
    }

    /// What the credentials are for.
    enum Purpose: Hashable {
        /// What the name stands for, by its own settings.
        case served
        /// A session of the key itself, with MFA where the key has a device: for requests to IAM.
        case ownSession
        /// Credentials for the web console.
        case console
    }

    /// The key that all of it comes down to.
    let key: Entry
    let keyReference: RecordReference
    /// Empty when the key itself is served.
    private(set) var steps: [Step] = []

    /// - Parameters:
    ///   - sessionName: for roles that have no name for their sessions.
    init(
        _ name: String, _ purpose: Purpose, in vault: inout KeyedVault, sessionName: String
    ) throws {
        var (key, reference, roles) = try Self.resolve(name, purpose, in: &vault)
        self.key = key
        keyReference = reference
        let serial = key.mfaSerial ?? roles.last { $0.mfaSerial != nil }?.mfaSerial
        var place = Place(
            region: key.region, stsEndpoint: key.stsEndpoint, caBundle: key.caBundle ?? "",
            partition: Self.partition(of: key, roles))
        // One session with MFA serves all roles of a user: one code for all of them. But AWS gives whoever
        // comes with a session one hour of a role: for a longer one the key itself assumes it, with a code.
        let isLong = roles.last.map { ($0.sessionSeconds ?? 0) > Self.chainedSeconds } ?? false
        let servesSession = roles.isEmpty && (key.serve == .session || purpose == .ownSession)
        // A session of GetSessionToken opens no console.
        if purpose == .console, roles.isEmpty {
            guard !key.hasSessionToken else { return }
            try append(
                .getFederationToken(
                    name: Self.federatedUser(of: key), seconds: key.sessionSeconds ?? 43_200,
                    policy: Self.everything, policyARNs: []),
                of: key.name, at: place, account: Self.account(of: key),
                seconds: key.sessionSeconds ?? 43_200, serial: nil)
            return
        }
        if servesSession || serial != nil && !roles.isEmpty && !isLong {
            guard !key.hasSessionToken else {
                throw AgentReason.temporaryKey(name: key.name)
            }
            let seconds = key.sessionSeconds ?? (serial == nil ? 3600 : 43_200)
            try append(
                .getSessionToken(seconds: seconds, serial: serial), of: key.name, at: place,
                account: Self.account(of: key), seconds: seconds, serial: serial)
        }
        roles.reverse()
        for role in roles {
            place.narrow(role)
            guard let arn = RoleARN(role.roleARN) else {
                throw AgentReason.invalidRoleARN(name: role.name)
            }
            place.partition = arn.partition
            try place.requirePartition(of: role)
            let seconds = min(role.sessionSeconds ?? 3600, steps.isEmpty ? 43_200 : Self.chainedSeconds)
            var request = role.request(seconds: seconds, sessionName: sessionName)
            if steps.isEmpty { request.serial = serial }
            try append(
                .assumeRole(request), of: role.name, at: place, account: arn.accountID, seconds: seconds,
                serial: request.serial)
        }
    }

    /// What AWS gives at most to a role or a session that assumes a role.
    private static let chainedSeconds: UInt32 = 3600

    private mutating func append(
        _ operation: AWSOperation, of name: String, at place: Place, account: String?, seconds: UInt32,
        serial: String?
    ) throws {
        if let serial { try Self.requireCodes(of: serial, key) }
        let endpoint = try place.endpoint(.sts)
        steps.append(
            Step(
                name: name, operation: operation, endpoint: endpoint, caBundle: place.caBundle,
                fingerprint: RequestFingerprint.of(
                    operation, endpoint: endpoint, caBundle: place.caBundle,
                    signer: steps.last?.fingerprint ?? key.accessKeyID),
                accountID: account, seconds: seconds, serial: serial))
    }

    /// Nobody is asked for a code that no device shows.
    private static func requireCodes(of serial: String, _ key: Entry) throws {
        do { try MFADevice.check(serial) } catch {
            guard error == .securityKey || error == .textMessage else { return }
            throw AgentReason.mfaDevice(serial: serial, fault: error.reason, key: key.name)
        }
    }

    /// Where a request of the key itself goes.
    func endpoint(_ service: AWSService) throws -> AWSEndpoint {
        try Place(
            region: key.region, stsEndpoint: key.stsEndpoint, caBundle: "",
            partition: Self.partition(of: key, [])
        ).endpoint(service, iam: key.iamEndpoint)
    }

    /// Where the key belongs, as far as its device or the role that it assumes tells.
    private static func partition(of key: Entry, _ roles: [Role]) -> AWSPartition {
        key.mfaSerial.flatMap(MFADevice.partition(of:)) ?? roles.last.flatMap {
            RoleARN($0.roleARN)?.partition
        }
            ?? .standard
    }

    /// A federated user may do what its user may; this takes nothing away.
    private static let everything =
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#

    private static func federatedUser(of key: Entry) -> String {
        let name = STSWord.federatedUser.allowed(in: key.userName ?? key.name)
        return STSWord.federatedUser.isValid(name) ? name : "sealring"
    }

    private static func account(of key: Entry) -> String? {
        key.accountID ?? AccessKeyID.accountID(of: key.accessKeyID)
    }

    // MARK: following the records

    /// - Returns: the key, and the roles from the one that is served down to the one that the key assumes.
    private static func resolve(
        _ name: String, _ purpose: Purpose, in vault: inout KeyedVault
    ) throws -> (Entry, RecordReference, [Role]) {
        var roles: [Role] = []
        var next = try vault.withRecord(of: name) { Link($0, follows: purpose != .ownSession) }
        while true {
            switch next {
            case .key(let key, let reference): return (key, reference, roles)
            case .served(let role):
                guard vault.holds(role) else {
                    throw AgentReason.servedRoleGone(name: name)
                }
                next = try vault.withRecord(role) { Link($0, follows: false) }
            case .role(let role, let source):
                roles.append(role)
                guard roles.count <= chainLimit, let source else {
                    throw AgentReason.roleWithoutKey(name: name)
                }
                guard vault.holds(source) else {
                    throw AgentReason.sourceGone(role: role.name)
                }
                next = try vault.withRecord(source) { Link($0, follows: false) }
            }
        }
    }

    private static let chainLimit = 8

    private enum Link {
        case key(Entry, RecordReference)
        case served(RecordReference)
        case role(Role, RecordReference?)

        /// - Parameter follows: whether a key's setting to serve a role counts.
        init(_ record: VaultRecord, follows: Bool) {
            switch record {
            case .key(let entry, _, let role, let own):
                if follows, let role { self = .served(role) } else { self = .key(entry, own) }
            case .role(let role, let source): self = .role(role, source)
            }
        }
    }
}

/// Where requests go, on the way from the key to a role: what is not set is as it was before.
private struct Place {
    var region: String?
    var stsEndpoint: String?
    var caBundle: String
    /// The one whose default region stands for a region that is not set.
    var partition: AWSPartition

    mutating func narrow(_ role: Role) {
        region = role.region ?? region
        stsEndpoint = role.stsEndpoint ?? stsEndpoint
        caBundle = role.caBundle ?? caBundle
    }

    /// AWS keeps its partitions apart: no STS of one assumes a role of another.
    func requirePartition(of role: Role) throws {
        guard stsEndpoint == nil, let region, let own = try? AWSRegion.partition(of: region), own != partition
        else { return }
        throw AgentReason.otherPartition(
            role: role.name, partition: partition.name, region: region, regionsPartition: own.name,
            example: partition.defaultRegion)
    }

    func endpoint(_ service: AWSService, iam: String? = nil) throws -> AWSEndpoint {
        do {
            return try AWSEndpoint(
                service, region: region ?? partition.defaultRegion, url: service == .sts ? stsEndpoint : iam)
        } catch {
            switch error {
            case .region(let fault):
                throw AgentReason.invalidRegion(region ?? "", fault: fault.reason)
            case .url(let what): throw AgentReason.invalidEndpoint(what)
            }
        }
    }
}

extension Role {
    fileprivate func request(seconds: UInt32, sessionName: String) -> AWSOperation.RoleRequest {
        var request = AWSOperation.RoleRequest(
            roleARN: roleARN, sessionName: self.sessionName ?? sessionName, seconds: seconds)
        request.externalID = externalID
        request.policy = policy
        request.policyARNs = policyARNs
        request.tags = tags.map { tag in
            let parts = tag.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return AWSOperation.Tag(key: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
        }
        request.transitiveTagKeys = transitiveTagKeys
        request.sourceIdentity = sourceIdentity
        return request
    }
}
