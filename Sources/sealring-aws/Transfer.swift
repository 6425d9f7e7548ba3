import AWSExchange
import AgentProtocol
import CCurl
import Platform
import SecureMemory

/// One try of the request, over a connection of its own.
final class Transfer {
    /// The most bytes of an answer's body, and of its headers.
    static let bodyLimit = 256 << 10
    static let headLimit = 64 << 10

    var body: SecretBuffer
    /// Unix seconds of the header `Date`; 0 for none.
    private(set) var date: Int64 = 0
    private(set) var status: UInt32 = 0
    private(set) var hasLocation = false
    private(set) var isTooLarge = false
    private(set) var isAbandoned = false
    private var headCount = 0

    init() throws { body = try SecretBuffer(capacity: 8 << 10, limit: Self.bodyLimit) }

    struct Result {
        let code: CURLcode
        /// What the library says of it.
        let detail: String
        /// What a proxy answered to CONNECT; 0 for nothing.
        var connectStatus: UInt32 = 0
    }

    /// - Parameter bundle: the certificates to trust; nil for the system's.
    func perform(
        _ request: borrowing ExchangeRequest, _ route: ProxySettings.Route, _ bundle: [UInt8]?,
        milliseconds: Int64
    ) -> Result {
        guard milliseconds > 0 else { return Result(code: CURLE_OPERATION_TIMEDOUT, detail: "") }
        guard let curl = unsafe curl_easy_init() else { return Result(code: CURLE_OUT_OF_MEMORY, detail: "") }
        defer { unsafe curl_easy_cleanup(curl) }
        var list: UnsafeMutablePointer<curl_slist>? = nil
        defer { unsafe curl_slist_free_all(list) }
        guard unsafe appendHeaders(request, &list),
            unsafe configure(curl, request, route, milliseconds: milliseconds),
            unsafe curl_set_pointer(curl, CURLOPT_HTTPHEADER, list) == CURLE_OK
        else { return Result(code: CURLE_OUT_OF_MEMORY, detail: "") }
        let code = unsafe perform(curl, bundle)
        status = UInt32(clamping: unsafe curl_response_status(curl))
        return Result(
            code: code, detail: unsafe String(cString: curl_easy_strerror(code)),
            connectStatus: UInt32(clamping: unsafe curl_connect_status(curl)))
    }

    /// The bytes of the bundle take the place of the system's certificates.
    private func perform(_ curl: UnsafeMutableRawPointer, _ bundle: [UInt8]?) -> CURLcode {
        guard let bundle else { return unsafe curl_easy_perform(curl) }
        return unsafe bundle.withUnsafeBytes { bytes in
            guard
                unsafe curl_set_bytes(curl, CURLOPT_CAINFO_BLOB, bytes.baseAddress, bytes.count) == CURLE_OK,
                unsafe curl_set_text(curl, CURLOPT_CAPATH, nil) == CURLE_OK
            else { return CURLE_SSL_CACERT_BADFILE }
            return unsafe curl_easy_perform(curl)
        }
    }

    /// The library copies each line, in memory that is wiped.
    private func appendHeaders(
        _ request: borrowing ExchangeRequest, _ list: inout UnsafeMutablePointer<curl_slist>?
    ) -> Bool {
        for place in 0..<request.headerCount {
            let line = request.header(place)
            guard var text = try? SecretBytes(count: line.byteCount + 1) else { return false }
            text.overwrite(at: 0, with: line)
            let longer = unsafe text.withUnsafeBytes { text in
                unsafe curl_slist_append(list, text.baseAddress?.assumingMemoryBound(to: CChar.self))
            }
            guard let longer = unsafe longer else { return false }
            unsafe list = longer
        }
        // What the library would add by itself, and AWS did not sign.
        for text in ["Accept:", "Expect:"] {
            guard let longer = unsafe curl_slist_append(list, text) else { return false }
            unsafe list = longer
        }
        return true
    }

    private func configure(
        _ curl: UnsafeMutableRawPointer, _ request: borrowing ExchangeRequest, _ route: ProxySettings.Route,
        milliseconds: Int64
    ) -> Bool {
        let own = unsafe Unmanaged.passUnretained(self).toOpaque()
        let scheme = request.target.isPlain ? "http" : "https"
        // An empty proxy keeps the library from looking for one in the environment.
        var (proxy, proxyPort) = ("", 0)
        if case .proxy(let url) = route { (proxy, proxyPort) = (url.url, url.port) }
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2),
            (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2), (CURLOPT_FOLLOWLOCATION, 0),
            (CURLOPT_FRESH_CONNECT, 1), (CURLOPT_FORBID_REUSE, 1), (CURLOPT_NOPROGRESS, 0),
            (CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1), (CURLOPT_TIMEOUT_MS, Int(milliseconds)),
            (CURLOPT_CONNECTTIMEOUT_MS, Int(RetryPolicy.connecting(within: milliseconds))),
            (CURLOPT_NETRC, 0),
            (CURLOPT_PROXYPORT, proxyPort),
            (CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2),
            (CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
            // A name server that says nothing would keep the process beyond its time.
            (CURLOPT_QUICK_EXIT, 1), (CURLOPT_POST, 1), (CURLOPT_POSTFIELDSIZE, request.body.byteCount),
        ]
        let texts: [(CURLoption, String)] = [
            (CURLOPT_URL, request.url), (CURLOPT_PROTOCOLS_STR, scheme), (CURLOPT_USERAGENT, "sealring"),
            (CURLOPT_PROXY, proxy), (CURLOPT_NOPROXY, ""),
        ]
        for (option, value) in numbers where unsafe curl_set_number(curl, option, value) != CURLE_OK {
            return false
        }
        for (option, value) in texts where unsafe curl_set_text(curl, option, value) != CURLE_OK {
            return false
        }
        // An empty body has no address, and the library takes none for "read it from stdin".
        let none: StaticString = ""
        let body = request.body
        let isBodySet = unsafe body.withUnsafeBytes { body in
            // It stays where it is until the request was made: the caller holds the frame.
            let start = unsafe body.baseAddress ?? UnsafeRawPointer(none.utf8Start)
            return unsafe curl_set_pointer(
                curl, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: start)) == CURLE_OK
        }
        guard isBodySet else { return false }
        let isSet = unsafe [
            curl_set_pointer(curl, CURLOPT_WRITEDATA, own), curl_set_pointer(curl, CURLOPT_HEADERDATA, own),
            curl_set_pointer(curl, CURLOPT_XFERINFODATA, own),
            curl_set_writer(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, own in
                unsafe Transfer.of(own).takeBody(
                    UnsafeRawBufferPointer(start: bytes, count: size * count).bytes)
            },
            curl_set_writer(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, own in
                unsafe Transfer.of(own).takeHeader(
                    UnsafeRawBufferPointer(start: bytes, count: size * count).bytes)
            },
            curl_set_progress(curl) { own, _, _, _, _ in
                let transfer = unsafe Transfer.of(own)
                transfer.isAbandoned = Pipe.isAbandoned
                return transfer.isAbandoned ? 1 : 0
            },
        ]
        return isSet.allSatisfy { $0 == CURLE_OK }
    }

    private static func of(_ pointer: UnsafeMutableRawPointer?) -> Transfer {
        guard let pointer = unsafe pointer else { preconditionFailure("it was set") }
        return unsafe Unmanaged<Transfer>.fromOpaque(pointer).takeUnretainedValue()
    }

    private func takeBody(_ bytes: RawSpan) -> Int {
        let isAppended = (try? body.append(bytes)) ?? false
        if !isAppended { isTooLarge = true }
        return isAppended ? bytes.byteCount : 0
    }

    private func takeHeader(_ line: RawSpan) -> Int {
        headCount += line.byteCount
        guard headCount <= Self.headLimit else {
            isTooLarge = true
            return 0
        }
        if let value = Self.value(of: "date:", in: line), value.utf8.count <= 64 {
            date = max(Int64(unsafe curl_getdate(value, nil)), 0)
        }
        if Self.value(of: "location:", in: line) != nil { hasLocation = true }
        return line.byteCount
    }

    /// What follows a header's name, whatever its case.
    private static func value(of name: String, in line: RawSpan) -> String? {
        guard line.byteCount > name.utf8.count, line.byteCount < 4096 else { return nil }
        for (place, byte) in name.utf8.enumerated() where line.byte(at: place) | 0x20 != byte | 0x20 {
            return nil
        }
        let value = line.extracting(droppingFirst: name.utf8.count).text()
        return value.map { String($0.drop { $0 == " " }.prefix { !$0.isNewline }) }
    }
}
