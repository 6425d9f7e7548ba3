import Platform

/// The hosts that `NO_PROXY` lists: names with all below them, addresses, blocks of addresses, or `*` for all.
struct ProxyExceptions {
    private let items: [Substring]

    init(_ text: String) {
        items = text.split { $0 == "," || $0.isWhitespace }
    }

    func hold(_ target: URLTarget) -> Bool {
        let host = Self.plain(target.host.lowercased())
        return items.contains { Self.matches($0, host, target.port) }
    }

    private static func matches(_ item: Substring, _ host: Substring, _ port: Int) -> Bool {
        if item == "*" { return true }
        if let slash = item.firstIndex(of: "/") {
            return isInside(host, item[..<slash], bits: Int(item[item.index(after: slash)...]))
        }
        var name = item.lowercased()[...]
        if name.hasPrefix("[") {
            name = name.dropFirst().prefix { $0 != "]" }
        } else if name.count(where: { $0 == ":" }) == 1, let colon = name.firstIndex(of: ":") {
            guard Int(name[name.index(after: colon)...]) == port else { return false }
            name = name[..<colon]
        }
        if name.hasPrefix("*.") { name = name.dropFirst() }
        let isAddress = Self.address(host) != nil
        name = plain(String(name.drop { $0 == "." }))
        guard !name.isEmpty else { return false }
        return host == name || !isAddress && host.hasSuffix("." + name)
    }

    /// Without the dot at the end that makes a name absolute.
    private static func plain(_ name: String) -> Substring {
        name.hasSuffix(".") ? name.dropLast() : name[...]
    }

    private static func isInside(_ host: Substring, _ network: Substring, bits: Int?) -> Bool {
        guard let address = address(host), let network = self.address(network), let bits,
            address.count == network.count, (0...(address.count * 8)).contains(bits)
        else { return false }
        for place in 0..<address.count {
            let kept = min(max(bits - place * 8, 0), 8)
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> kept)
            if (address[place] ^ network[place]) & mask != 0 { return false }
        }
        return true
    }

    /// The 4 or 16 bytes of an address; nil for a name.
    private static func address(_ text: Substring) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            let isRead = unsafe bytes.withUnsafeMutableBytes { bytes in
                unsafe inet_pton(family, String(text), bytes.baseAddress) == 1
            }
            if isRead { return bytes }
        }
        return nil
    }
}
