import SealringCredentials

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Shows whose credentials the agent hands out: `CredentialProvider NAME`.
@main
struct Main {
    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count == 2 else { fail("usage: CredentialProvider NAME", status: 64) }
        do {
            let provider: any CredentialProvider = SealringProvider(entry: arguments[1])
            let credential = try await provider.credential()
            print(credential.accessKeyID, credential.sessionToken == nil ? "long-lived" : "temporary")
        } catch let error as AgentCredentialsError where error.reason == .locked {
            fail("\(error)", status: 77)
        } catch {
            fail("\(error)", status: 1)
        }
    }

    static func fail(_ text: String, status: Int32) -> Never {
        let line = Array("CredentialProvider: \(text)\n".utf8)
        _ = write(2, line, line.count)
        exit(status)
    }
}
