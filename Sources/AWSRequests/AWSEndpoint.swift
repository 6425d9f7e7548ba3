package import AWSValues

/// Where requests of a service go, and which region they are signed for.
package struct AWSEndpoint: Equatable, Sendable {
    package let service: AWSService
    /// With a path, `/` at least.
    package let url: String
    /// The header `Host`: the port is part of it when it is not the scheme's own.
    package let host: String
    package let path: String
    package let region: String
    package let partition: AWSPartition
    /// Whether it takes the place of a public one.
    package let isOwn: Bool

    package enum Fault: Error, Equatable, Sendable {
        /// The region has no public endpoint.
        case region(AWSRegion.Fault)
        /// The URL is not `https://host[:port][/path]`, or `http` and the host is not this machine.
        case url(String)
    }

    /// - Parameters:
    ///   - region: nil stands for the default region of the standard partition.
    ///   - url: takes the place of the public endpoint, and may have a region that AWS does not have.
    package init(_ service: AWSService, region: String? = nil, url: String? = nil) throws(Fault) {
        var region = region ?? AWSPartition.standard.defaultRegion
        let partition: AWSPartition
        do {
            // It becomes a part of a host: nothing in it may end that part.
            try AWSRegion.check(region)
            partition = url == nil ? try AWSRegion.partition(of: region) : AWSPartition(region: region)
        } catch { throw .region(error) }
        if region == partition.name + "-global" { region = partition.defaultRegion }
        self.service = service
        self.region = service == .sts ? region : partition.defaultRegion
        self.partition = partition
        isOwn = url != nil
        if let url {
            (host, path) = try Self.parse(url)
            self.url = path == "/" && !url.hasSuffix("/") ? url + "/" : url
        } else {
            host = service == .sts ? partition.stsHost(region) : partition.iamHost
            path = "/"
            self.url = "https://\(host)/"
        }
    }

    /// Whether it is on this machine.
    var isLocal: Bool { Self.localHosts.contains { host == $0 || host.hasPrefix($0 + ":") } }

    private static let localHosts = ["127.0.0.1", "[::1]", "localhost"]

    /// Checks the URL of an endpoint.
    package static func check(_ url: String) throws(Fault) { _ = try parse(url) }

    /// - Returns: the host with its port, and the path.
    private static func parse(_ url: String) throws(Fault) -> (host: String, path: String) {
        guard url.utf8.count <= 512, url.utf8.allSatisfy(\.isVisible) else {
            throw .url("it is longer than 512 bytes, or holds other than visible ASCII")
        }
        guard let scheme = ["https://", "http://"].first(where: { url.hasPrefix($0) }) else {
            throw .url("it begins neither with https:// nor with http://")
        }
        let rest = url.dropFirst(scheme.count)
        guard !rest.contains(where: { "?#@\\%\"<>^`{|}".contains($0) }) else {
            throw .url("it has more than a host, a port and a path")
        }
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        let (host, port) = try split(rest[..<end])
        if scheme == "http://", !localHosts.contains(host) {
            throw .url("http is allowed only for this machine")
        }
        let path = end == rest.endIndex ? "/" : String(rest[end...])
        // What is signed is a path in its shortest form, and what is sent is the path as it is.
        guard !path.contains("//"), !path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." })
        else { throw .url("its path has empty parts, or dots for parts") }
        let isDefault = port == nil || port == (scheme == "https://" ? 443 : 80)
        return (isDefault ? host : "\(host):\(port ?? 0)", path)
    }

    private static func split(_ authority: Substring) throws(Fault) -> (host: String, port: Int?) {
        var host = authority
        var port: Int?
        let isAddress = authority.hasPrefix("[")
        let hostEnd = isAddress ? authority.firstIndex(of: "]") : authority.startIndex
        guard let hostEnd else { throw .url("its address has no end") }
        if let colon = authority[hostEnd...].firstIndex(of: ":") {
            host = authority[..<colon]
            let digits = authority[authority.index(after: colon)...]
            guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy(\.isDigit),
                let number = Int(digits), (1...65_535).contains(number)
            else { throw .url("its port is none") }
            port = number
        }
        let allowed = isAddress ? isAddressCharacter : isHostCharacter
        let name = isAddress ? host.dropFirst().dropLast() : host
        guard !name.isEmpty, name.utf8.allSatisfy(allowed), !isAddress || host.hasSuffix("]") else {
            throw .url("its host is none")
        }
        return (String(host), port)
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private static func isAddressCharacter(_ byte: UInt8) -> Bool {
        byte.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte) || byte == UInt8(ascii: ":")
    }
}
