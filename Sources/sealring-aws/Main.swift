import AWSExchange
import AgentProtocol
import CCurl
import CLibXML2
import CWipingMemory
import Platform
import SecureMemory

/// Carries one signed request to AWS, and gives the answer back as plain fields.
///
/// It holds no key: what it gets is signed already. It reads one frame from stdin, writes one to stdout, and
/// ends; whoever starts it hands the agent's request in and the reply back, both unread.
@main
enum Main {
    static func main() {
        _ = ProcessHardening.apply()
        guard ProcessHardening.occupyClosedStreams() else { exit(74) }
        signal(SIGPIPE, SIG_IGN)
        umask(0o077)
        if CommandLine.argc > 1 { usage() }
        if case .by = ProcessHardening.tracing() { exit(77) }
        let proxies = ProxySettings { value($0) }
        // Libraries read variables of theirs.
        clearenv()
        guard
            unsafe curl_global_init_mem(
                Int(CURL_GLOBAL_SSL), wiping_malloc, wiping_free, wiping_realloc, wiping_strdup, wiping_calloc
            )
                == CURLE_OK,
            unsafe xmlMemSetup(wiping_free, wiping_malloc, wiping_realloc, wiping_strdup) == 0
        else { exit(71) }
        xml_be_silent()
        do {
            exit(try run(proxies))
        } catch { exit(71) }
    }

    private static func run(_ proxies: ProxySettings) throws -> Int32 {
        var frame = try SecretBuffer(
            capacity: AgentMessage.frameLimit + 4, limit: AgentMessage.frameLimit + 4)
        // Whoever starts this program has the request at hand.
        guard try Pipe.read(into: &frame, seconds: 2) else {
            return try Pipe.write(Reply.of(.badRequest, "no whole request came")) ? 65 : 74
        }
        return try Pipe.write(reply(to: frame, proxies)) ? 0 : 74
    }

    private static func reply(
        to frame: borrowing SecretBuffer, _ proxies: ProxySettings
    ) throws -> SecretBuffer {
        guard let request = ExchangeRequest(frame.bytes) else {
            return try Reply.of(.badRequest, "the request is malformed, or goes where none may")
        }
        return try Exchange.run(request, proxies)
    }

    private static func value(_ name: String) -> String? {
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(cString: text)
    }

    private static func usage() -> Never {
        let words = CommandLine.arguments.dropFirst()
        let isVersion = words.elementsEqual(["--version"]) || words.elementsEqual(["--version", "--verbose"])
        let libraries = unsafe words.count > 1 ? " " + String(cString: curl_version()) : ""
        let text =
            isVersion
            ? "\(ProgramVersion.text)\(libraries)\n"
            : "usage: sealring-aws\n\nCarries one signed request to AWS. The other programs of Sealring start it.\n"
        say(text, to: isVersion ? 1 : 2)
        exit(isVersion ? 0 : 64)
    }

    private static func say(_ text: String, to descriptor: Int32) {
        let bytes = [UInt8](text.utf8)
        _ = SystemCall.write(descriptor, bytes.rawSpan)
    }
}
