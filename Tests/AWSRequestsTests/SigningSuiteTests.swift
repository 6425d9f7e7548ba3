import SecureMemory
import Testing

@testable import AWSRequests

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// AWS's own cases for Signature Version 4, from the folder that `SEALRING_VECTORS` names, else
/// `../shared/vectors` beside the package.
@Suite(
    "AWS's signing suite", .enabled(if: !SigningCase.names.isEmpty, "the folder of the suite is not there"))
struct SigningSuiteTests {
    @Test(
        "the canonical request, the string to sign and the signature are AWS's", arguments: SigningCase.names)
    func signs(_ name: String) throws {
        let example = try #require(SigningCase(name))
        let request = try example.canonicalRequest()
        let text = unsafe request.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        #expect(text == example.file("header-canonical-request.txt"))
        #expect(SigningCase.signature.stringToSign(request) == example.file("header-string-to-sign.txt"))
        let secret = Array("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".utf8)
        let header = try unsafe secret.withUnsafeBytes {
            try unsafe SigningCase.signature.authorization(request, secret: $0)
        }
        #expect(header.hasSuffix("Signature=" + (example.file("header-signature.txt") ?? "none")))
        let signed = try #require(example.file("header-signed-request.txt"))
        #expect(signed.contains("Authorization:\(header)\n") || signed.hasSuffix("Authorization:\(header)"))
    }

    @Test("the suite is whole")
    func count() { #expect(SigningCase.names.count == 38) }
}

/// One folder of the suite.
struct SigningCase {
    private let folder: String
    private let method: String
    private let path: String
    private let query: String
    private var headers: [(name: String, value: String)] = []
    private var body = ""

    static let signature = Signature(
        accessKeyID: "AKIDEXAMPLE", region: "us-east-1", service: "service", time: "20150830T123600Z")

    static let root: String = {
        if let named = unsafe getenv("SEALRING_VECTORS") { return unsafe String(cString: named) }
        let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(package)/../shared/vectors"
    }()

    static let names: [String] = {
        guard let folder = unsafe opendir("\(root)/aws-signing-test-suite/v4") else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }()

    init?(_ name: String) {
        folder = "\(Self.root)/aws-signing-test-suite/v4/\(name)"
        guard let request = Self.read("\(folder)/request.txt") else { return nil }
        var lines = request.split(separator: "\n", omittingEmptySubsequences: false)
        let first = lines.removeFirst()
        guard let start = first.firstIndex(of: " "), let end = first.lastIndex(of: " ") else { return nil }
        method = String(first[..<start])
        let target = first[first.index(after: start)..<end].split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(target[0])
        query = target.count > 1 ? String(target[1]) : ""
        while let line = lines.first, !line.isEmpty {
            lines.removeFirst()
            if line.hasPrefix(" "), let last = headers.indices.last {
                headers[last].value += "\n" + line
            } else if let colon = line.firstIndex(of: ":") {
                headers.append((String(line[..<colon]), String(line[line.index(after: colon)...])))
            }
        }
        body = lines.dropFirst().joined(separator: "\n")
    }

    func file(_ name: String) -> String? { Self.read("\(folder)/\(name)") }

    func canonicalRequest() throws -> CanonicalRequest {
        let context = file("context.json") ?? ""
        let digest = unsafe Array(body.utf8).withUnsafeBytes { unsafe Hex.digest($0) }
        var headers = headers + [("X-Amz-Date", Self.signature.time)]
        if context.contains("\"sign_body\": true") { headers.append(("x-amz-content-sha256", digest)) }
        var token: [UInt8]?
        if let field = context.split(separator: "\"token\": \"").dropFirst().first,
            !context.contains("\"omit_session_token\": true")
        {
            token = Array(field.prefix { $0 != "\"" }.utf8)
        }
        let make = { (token: UnsafeRawBufferPointer?) throws -> CanonicalRequest in
            try unsafe CanonicalRequest(
                method: method, path: path, query: query, headers: headers, token: token, bodyDigest: digest,
                isNormalized: context.contains("\"normalize\": true"))
        }
        guard let token else { return try make(nil) }
        return try unsafe token.span.bytes.withUnsafeBytes { try unsafe make($0) }
    }

    private static func read(_ path: String) -> String? {
        guard let file = unsafe fopen(path, "r") else { return nil }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
