import AgentProtocol
package import CredentialVault
import Platform
import ProgramSupport
import SecureMemory

/// A vault that is unlocked in the agent. The vault key stays there; this process writes the file.
package final class AgentVault: VaultAccess {
    package let location: VaultLocation
    package let conversation: any Conversation
    package var signersPath: String { path }
    private let client: AgentClient
    private let path: String
    private var hasWarned = false

    /// Nil when no agent runs, when it is locked, or when it serves another vault.
    package static func unlocked(
        _ location: VaultLocation, _ conversation: any Conversation
    ) throws -> AgentVault? {
        guard let (client, status) = try AgentClient.connectWithStatus(for: location) else { return nil }
        let path = try Paths.absolute(location.path)
        guard !status.isLocked, Paths.isSameVault(status.vault, path) else { return nil }
        // The agent knows the vault by the path that it was started with.
        return AgentVault(location, at: status.vault, through: client, conversation)
    }

    private init(
        _ location: VaultLocation, at path: String, through client: AgentClient,
        _ conversation: any Conversation
    ) {
        self.conversation = conversation
        self.location = location
        self.path = path
        self.client = client
    }

    package func transport() -> any AgentTransport { client }

    package func entries() throws -> EntryList { try EntryList(listing()) }

    package func holds(
        _ name: String, _ key: UnsafeRawBufferPointer, _ token: UnsafeRawBufferPointer?
    ) throws -> Bool {
        let none = RawSpan()
        if let token = unsafe token {
            return try client.ask(
                CompareRequest(
                    path: path, name: name, secretAccessKey: unsafe key.bytes,
                    sessionToken: unsafe token.bytes)
            ).isSame
        }
        return try client.ask(
            CompareRequest(path: path, name: name, secretAccessKey: unsafe key.bytes, sessionToken: none)
        ).isSame
    }

    /// Asked of the agent by name; an agent of an earlier version, which knows no such request, lists all of them.
    package func entry(named name: String) throws -> Entry {
        let found: Listing?
        do {
            found = try describe(name)
        } catch AgentError.ended { found = nil }
        let entry = try found.map { $0.entries.first } ?? entries()[name]
        guard let entry, entry.name == name else {
            throw VaultError(.noSuchEntry(name), path: location.path)
        }
        return entry
    }

    /// - Returns: nil when no agent runs any more.
    private func describe(_ name: String) throws -> Listing? {
        // An agent that does not know the request ends the connection, which others of this process use.
        guard let other = try AgentClient.connect(for: location) else { return nil }
        return try page { read in try other.ask(DescribeRequest(path: path, name: name), read) }
    }

    package func update<Result>(
        acceptingRollback: Bool, isDryRun: Bool,
        _ plan: (EntryList, SecretComparison, inout VaultChanges) throws -> Result
    ) throws -> Result {
        let writer: VaultWriter? = try isDryRun ? nil : VaultWriter(location)
        let planned = try whenFree { () throws -> Planned<Result> in
            let listing = try listing()
            var changes = try VaultChanges()
            let result = try unsafe plan(
                EntryList(listing), { try unsafe holds($0, $1, $2) }, &changes)
            let image = try image(changes, after: listing.headerMAC, acceptingRollback: acceptingRollback)
            return Planned(result: result, image: image, headerMAC: listing.headerMAC)
        }
        switch consume writer {
        case .some(let writer):
            conversation.warn(unremembered: try writer.publish(planned.image, after: planned.headerMAC))
            // The agent sees the new file at once: whatever is older from now on is a rollback to it.
            _ = try? page(from: Int(UInt32.max))
        case .none: break
        }
        return planned.result
    }

    private struct Planned<Result> {
        let result: Result
        let image: VaultImage
        let headerMAC: [UInt8]
    }

    /// Tries again for a while when the vault was changed between two requests, or others are changing it.
    private func whenFree<Result>(_ body: () throws -> Result) throws -> Result {
        let deadline = MonotonicClock.seconds() + 10
        while true {
            do {
                return try body()
            } catch let failure as Failure
                where failure.mayPass && MonotonicClock.seconds() < deadline
            {
                usleep(20_000)
            }
        }
    }

    private func image(
        _ changes: borrowing VaultChanges, after headerMAC: [UInt8], acceptingRollback: Bool
    ) throws -> VaultImage {
        _ = try client.ask(
            BeginRequest(path: path, headerMAC: headerMAC, acceptsRollback: acceptingRollback))
        try changes.forEach { kind, name, value, key, token in
            _ = try client.ask(
                ChangeRequest(
                    change: kind.rawValue, name: name, entry: value.rawSpan, secretAccessKey: key,
                    sessionToken: token))
        }
        let (image, bytes) = try client.commit()
        return VaultImage(bytes: bytes, keyID: image.keyID, removesPrevious: image.removesPrevious)
    }

    /// How often a list is begun again because the vault was changed meanwhile.
    private static let beginnings = 100

    fileprivate struct Listing {
        var headerMAC: [UInt8] = []
        var entries: [Entry] = []
        var roles: [Role] = []
        var total = 0
        var count: Int { entries.count + roles.count }

        init() {}

        /// Nil when something is not as a vault would have it: it must reach neither the terminal nor the calendar.
        init?(_ head: EntriesAnswer, _ fields: inout FrameReader) {
            headerMAC = head.headerMAC
            total = Int(head.total)
            while let field = fields.next() {
                if let role = Role(encoded: field), role.isWellFormed {
                    roles.append(role)
                } else if let entry = Entry(encoded: field), entry.isWellFormed {
                    entries.append(entry)
                } else {
                    return nil
                }
            }
        }
    }

    private func listing() throws -> Listing {
        var listing = Listing()
        var beginnings = 0
        repeat {
            let page = try page(from: listing.count)
            // Another program may have saved between two pages.
            if !listing.headerMAC.isEmpty, page.headerMAC != listing.headerMAC {
                listing = Listing()
                beginnings += 1
                guard beginnings < Self.beginnings else { throw AgentError.malformed }
                continue
            }
            guard page.count > 0 || page.total == 0 else { throw AgentError.malformed }
            listing.headerMAC = page.headerMAC
            listing.total = page.total
            listing.entries += page.entries
            listing.roles += page.roles
        } while listing.count < listing.total
        return listing
    }

    private func page(from position: Int) throws -> Listing {
        try page { read in
            try client.ask(ListRequest(path: path, position: UInt32(clamping: position)), read)
        }
    }

    private func page(
        _ ask: ((EntriesAnswer, inout FrameReader) throws -> Listing?) throws -> Listing
    ) throws -> Listing {
        var freshness = Freshness.current
        let page = try ask { head, fields in
            freshness = Freshness(head)
            return Listing(head, &fields)
        }
        if freshness != .current, !hasWarned {
            hasWarned = true
            conversation.warn("the vault: \(freshness.text)")
        }
        return page
    }
}

extension Failure {
    /// Whether the same request may be done a moment later.
    fileprivate var mayPass: Bool {
        switch reason {
        case .changedMeanwhile, .entryChangedMeanwhile, .otherCommandsChange: true
        case .some: false
        case nil: code == .busy
        }
    }
}

extension EntryList {
    fileprivate init(_ listing: AgentVault.Listing) { self.init(listing.entries, listing.roles) }
}

extension Freshness {
    fileprivate init(_ head: EntriesAnswer) {
        self =
            switch head.freshness {
            case 0: .current
            case 1: .rollback(seen: head.seen, found: head.found)
            case 2: .fork(seen: head.seen, found: head.found)
            default:
                .unverified(
                    UnusableMemory(
                        path: head.memory,
                        reason: UnusableMemory.Reason(rawValue: UInt8(clamping: head.seen)) ?? .unreadable,
                        systemCode: Int32(truncatingIfNeeded: head.found)))
            }
    }
}
