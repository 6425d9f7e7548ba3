import AgentProtocol
package import CredentialVault
import Platform
import ProgramSupport
import SecureMemory

/// A vault that is unlocked in the agent. The vault key stays there; this process writes the file.
package final class AgentVault: VaultAccess {
    package let location: VaultLocation
    package let conversation: any Conversation
    private let client: AgentClient
    private let path: String
    private var hasWarned = false

    /// Nil when no agent runs, when it is locked, or when it serves another vault.
    package static func unlocked(
        _ location: VaultLocation, _ conversation: any Conversation
    ) throws -> AgentVault? {
        guard let client = try AgentClient.connect(for: location) else { return nil }
        let status = try client.status()
        let path = try Paths.absolute(location.path)
        guard !status.isLocked, Paths.isSameVault(status.vault, path) else { return nil }
        // The agent knows the vault by the path that it was started with.
        return AgentVault(location, conversation, status.vault, client)
    }

    private init(
        _ location: VaultLocation, _ conversation: any Conversation, _ path: String, _ client: AgentClient
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
        try client.ask(.compare, expecting: .comparison) { request in
            try request.appendField(path)
            try request.appendField(name)
            try request.appendField(unsafe key.bytes)
            if let token = unsafe token {
                try request.appendField(unsafe token.bytes)
            } else {
                try request.appendField(RawSpan())
            }
        } _: { frame in
            frame.next(UInt8.self).map { $0 != 0 }
        }
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
            } catch let failure as Failure where failure.code == .busy && MonotonicClock.seconds() < deadline
            {
                usleep(20_000)
            }
        }
    }

    private func image(
        _ changes: borrowing VaultChanges, after headerMAC: [UInt8], acceptingRollback: Bool
    ) throws -> VaultImage {
        try client.ask(.begin) { request in
            try request.appendField(path)
            try request.appendField(headerMAC)
            try request.appendField(acceptingRollback ? AgentMessage.acceptsRollback : 0)
        }
        try changes.forEach { kind, name, value, key, token in
            try client.ask(.change) { request in
                try request.appendField(kind.rawValue)
                try request.appendField(name)
                try request.appendField(value)
                try request.appendField(key)
                try request.appendField(token)
            }
        }
        return try receiveImage()
    }

    private func receiveImage() throws -> VaultImage {
        let (size, keyID, removes) = try client.ask(.commit, expecting: .image, isLast: false) {
            frame in
            guard let size = frame.next(UInt32.self), let keyID = frame.next(),
                let removes = frame.next(UInt8.self), size <= 4 << 20
            else { return (Int, [UInt8], Bool)?.none }
            return (Int(size), [UInt8](keyID), removes != 0)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        while bytes.count < size {
            let part = try client.next(.part, isLast: false) { frame in
                guard let bytes = frame.next() else { return [UInt8]?.none }
                return [UInt8](bytes)
            }
            guard !part.isEmpty, bytes.count + part.count <= size else { throw AgentError.malformed }
            bytes += part
        }
        return VaultImage(bytes: bytes, keyID: keyID, removesPrevious: removes)
    }

    /// How often a list is begun again because the vault was changed meanwhile.
    private static let beginnings = 100

    fileprivate struct Listing {
        var headerMAC: [UInt8] = []
        var entries: [Entry] = []
        var roles: [Role] = []
        var total = 0
        var count: Int { entries.count + roles.count }
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
        var freshness = Freshness.current
        let page: Listing = try client.ask(.list, expecting: .entries) { request in
            try request.appendField(path)
            try request.appendField(UInt32(position))
        } _: { frame in
            guard let mac = frame.next(), let state = frame.next(UInt8.self),
                let seen = frame.next(UInt64.self), let found = frame.next(UInt64.self),
                let memory = frame.nextText(limit: 4096),
                let total = frame.next(UInt32.self), total <= 4096
            else { return nil }
            var page = Listing(headerMAC: [UInt8](mac), total: Int(total))
            while !frame.isAtEnd {
                guard let field = frame.next() else { return nil }
                // What is not as a vault would have it must reach neither the terminal nor the calendar.
                if let role = Role(encoded: field), role.isWellFormed {
                    page.roles.append(role)
                } else if let entry = Entry(encoded: field), entry.isWellFormed {
                    page.entries.append(entry)
                } else {
                    return nil
                }
            }
            freshness =
                switch state {
                case 0: .current
                case 1: .rollback(seen: seen, found: found)
                case 2: .fork(seen: seen, found: found)
                default:
                    .unverified(
                        UnusableMemory(
                            path: memory,
                            reason: UnusableMemory.Reason(rawValue: UInt8(clamping: seen)) ?? .unreadable,
                            systemCode: Int32(truncatingIfNeeded: found)))
                }
            return page
        }
        if freshness != .current, !hasWarned {
            hasWarned = true
            conversation.warn("the vault: \(freshness.text)")
        }
        return page
    }
}

extension EntryList {
    fileprivate init(_ listing: AgentVault.Listing) { self.init(listing.entries, listing.roles) }
}
