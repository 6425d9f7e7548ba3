import AWSValues
import AgentProtocol
package import CredentialImport
package import CredentialVault
import DurableFiles
import ProgramSupport
import SecureMemory
import VaultCrypto

/// Which keys of which sources are sealed under which names.
package struct ImportPlan {
    package struct Item {
        package let source: ImportSource
        package let key: ImportedKey
        /// What a settings file says beside the key.
        package let beside: BesideKey?
        package var name: String
        /// Whether an item before it has the same key, with the same secrets.
        var isTwin = false

        package init(_ source: ImportSource, _ key: ImportedKey) {
            self.source = source
            self.key = key
            beside = source.beside(key)
            name = key.suggestedName
        }

        /// The text that the entry's name was made of, where the name is not that text.
        package var changedText: String? {
            guard name.hasPrefix(key.suggestedName), let text = key.nameText else { return nil }
            return text == key.suggestedName ? nil : text
        }

        /// Where the key stands, for messages.
        package var place: String {
            key.line > 0 ? "\(source.name.printable), line \(key.line)" : source.name.printable
        }
    }

    /// What becomes of an item.
    package enum Outcome {
        case sealed(String)
        /// The entry that had the name or the key before, and the name now.
        case replaced(Entry, String)
        /// The same key with the same secret was there under this name.
        case alreadySealed(String)

        /// The entry that holds the key.
        package var name: String {
            switch self {
            case .sealed(let name), .replaced(_, let name), .alreadySealed(let name): name
            }
        }
    }

    package private(set) var items: [Item] = []
    /// What was left out, and why.
    package private(set) var leftOut: [String] = []
    /// The files that keys were left out of: the only place where their secrets are.
    private var incomplete: [ImportSource] = []
    /// Whether the name of the entry was chosen by a person.
    let isNamed: Bool

    /// The entry that holds each item, once it is sealed.
    package func names(_ outcomes: [Outcome]) -> [String] { outcomes.map(\.name) }

    /// - Parameters:
    ///   - name: the name that was given, for one key alone.
    ///   - skippingInvalid: whether a key that comes with two secrets is left out instead of being an error.
    package init(_ sources: [ImportSource], name: String?, skippingInvalid: Bool) throws {
        isNamed = name != nil
        for source in sources {
            items += source.document.keys.map { Item(source, $0) }
        }
        try findTwins(skippingInvalid)
        if let name {
            try EntryName.check(name)
            let count = items.count { !$0.isTwin }
            guard count == 1 else {
                throw Failure(
                    .usage, "--name needs exactly one key, but there are \(count)",
                    hint: "leave it out, and rename the entries afterwards")
            }
            items[0].name = name
        }
        makeNamesDistinct()
    }

    /// Takes items out, which hold up the others no longer.
    mutating func leaveOut(_ places: [Int]) {
        for place in places.sorted().reversed() { incomplete.append(items.remove(at: place).source) }
    }

    /// Whether the file has a key that was left out, and must not be deleted.
    func leavesOutKeys(of source: ImportSource) -> Bool { incomplete.contains { $0 === source } }

    /// Two keys of one user, or names that differ only in what a name cannot hold, get a number: `alice`,
    /// `alice-2`. A twin has the name of the first.
    private mutating func makeNamesDistinct() {
        var taken: Set<String> = []
        var next: [String: Int] = [:]
        var nameByID: [String: String] = [:]
        for index in items.indices {
            let id = items[index].key.accessKeyID
            if items[index].isTwin, let name = nameByID[id] {
                items[index].name = name
                continue
            }
            let base = items[index].name
            while !taken.insert(items[index].name).inserted {
                let number = next[base, default: 2]
                next[base] = number + 1
                items[index].name = "\(base.prefix(120))-\(number)"
            }
            nameByID[id] = items[index].name
        }
    }

    /// Profiles may share a key, which is sealed once. With another secret nobody could tell which one is meant.
    private mutating func findTwins(_ skippingInvalid: Bool) throws {
        var first: [String: Int] = [:]
        var doubtful: Set<String> = []
        for index in items.indices {
            let item = items[index]
            let id = item.key.accessKeyID
            guard let other = first[id] else {
                first[id] = index
                continue
            }
            if item.hasSameSecrets(as: items[other]) {
                items[index].isTwin = true
                continue
            }
            let problem =
                "the key ID \(id) appears twice with different secrets: \(items[other].place) and \(item.place)"
            guard skippingInvalid else {
                throw Failure(
                    .exists, problem, hint: "remove one of the two, or skip both with --skip-invalid")
            }
            if doubtful.insert(id).inserted { leftOut.append(problem) }
        }
        leaveOut(items.indices.filter { doubtful.contains(items[$0].key.accessKeyID) })
        if items.isEmpty {
            throw Failure(.exists, leftOut.first ?? "no usable key: nothing was imported")
        }
    }
}
