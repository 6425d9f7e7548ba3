/// The two frames between whoever carries a signed request and the program that sends it to AWS.
///
/// They have the form of ``AgentMessage``; one goes in, and one comes out.
package enum ExchangeMessage {
    /// URL · headers, each `Name: value` with a line feed · body · path of a CA bundle, empty for the system's ·
    /// milliseconds for all of it (u32) · flags (u32).
    package static let request: UInt8 = 100
    /// ``Outcome`` (u8) · words for it, at most 512 bytes of printable text · HTTP status (u32, 0 for none) ·
    /// Unix seconds of the header `Date` (u64, 0 for none) · then pairs: path of an element, its text.
    ///
    /// A path is made of the names from the root, without namespaces, with `/` between them; pairs are in the
    /// order of the document, and only elements without children have one.
    package static let reply: UInt8 = 101

    package enum Outcome: UInt8, Sendable {
        /// There is an answer, whatever its HTTP status.
        case answered = 0
        case hostNotFound = 1
        case cannotConnect = 2
        case tls = 3
        case timeout = 4
        case tooLarge = 5
        case malformed = 6
        case redirect = 7
        case other = 8
        case caBundle = 9
        /// The request frame was none.
        case badRequest = 10
        /// The file of certificates could be changed by others.
        case caBundleUntrusted = 11
        /// A variable names a proxy in no form that proxies have. The words of this one and of the next ones
        /// name the proxy and the variable.
        case proxyInvalid = 12
        case proxyNotFound = 13
        case proxyUnreachable = 14
        /// The HTTP status is the proxy's.
        case proxyRefused = 15
        case proxyTLS = 16
        case proxyTimeout = 17
        /// It did not speak as a proxy does.
        case proxyBroken = 18
        /// It refused the user name and password that the variable has.
        case proxyRefusedLogin = 19
    }

    /// Flag: it may be sent again after throttling, a fault of the server or a lost connection.
    package static let mayRepeat: UInt32 = 1
    /// Flag: the answer is given back as it is, as one pair with an empty path.
    package static let raw: UInt32 = 2
}
