import AWSExchange
import AWSRequests
import AWSValues
package import CredentialVault
import DurableFiles
import ProgramSupport
import SecureMemory

/// How AWS is asked for the sessions of an entry or a role. An empty value takes a setting away.
package struct RequestSettings {
    package var stsEndpoint: String?
    package var iamEndpoint: String?
    /// The path of the certificates to trust instead of the system's.
    package var caBundle: String?
    package var mfaSerial: String?
    package var duration: String?

    package init(
        stsEndpoint: String? = nil, iamEndpoint: String? = nil, caBundle: String? = nil,
        mfaSerial: String? = nil, duration: String? = nil
    ) {
        self.stsEndpoint = stsEndpoint
        self.iamEndpoint = iamEndpoint
        self.caBundle = caBundle
        self.mfaSerial = mfaSerial
        self.duration = duration
    }

    package var isEmpty: Bool {
        stsEndpoint == nil && iamEndpoint == nil && caBundle == nil && mfaSerial == nil && duration == nil
    }

    /// Checks what needs no entry to be checked against.
    func check() throws {
        var blank = Entry(name: "", accessKeyID: "")
        try apply(to: &blank, of: "a session")
    }

    package func apply(to entry: inout Entry) throws { try apply(to: &entry, of: "a key's session") }

    private func apply(to entry: inout Entry, of what: String) throws {
        if let url = stsEndpoint { entry.stsEndpoint = try Self.endpoint(url) }
        if let url = iamEndpoint { entry.iamEndpoint = try Self.endpoint(url) }
        if let path = caBundle { entry.caBundle = try Self.bundle(path) }
        if let serial = mfaSerial { try Self.set(serial, of: &entry) }
        if let duration {
            entry.sessionSeconds = try Self.seconds(duration, hours: 36, of: what)
        }
    }

    package func apply(to role: inout Role) throws {
        guard iamEndpoint == nil else {
            throw Failure(
                .usage, "--iam-endpoint does not apply to a role",
                hint: "set it on the key that the role is assumed with")
        }
        if let url = stsEndpoint { role.stsEndpoint = try Self.endpoint(url) }
        if let path = caBundle { role.caBundle = try Self.bundle(path) }
        if let serial = mfaSerial { role.mfaSerial = try Self.serial(serial) }
        if let duration {
            role.sessionSeconds = try Self.seconds(duration, hours: 12, of: "a role's session")
        }
    }

    /// The seed of a device may be all that is left of it: it does not go unsaid.
    private static func set(_ serial: String, of entry: inout Entry) throws {
        let serial = try Self.serial(serial)
        guard serial == entry.mfaSerial || !entry.hasOneTimeCodeSeed else {
            throw Failure(
                .exists,
                "'\(entry.name)' has the seed of another MFA device, \((entry.mfaSerial ?? "").printable)",
                hint: "remove that device and its seed first with 'sealring mfa remove \(entry.name)'")
        }
        entry.mfaSerial = serial
    }

    private static func endpoint(_ url: String) throws -> String? {
        guard !url.isEmpty else { return nil }
        do {
            try AWSEndpoint.check(url)
        } catch .url(let what) {
            throw Failure(
                .usage, "invalid endpoint '\(String(url.prefix(200)).printable)': \(what)",
                hint: "write it as https://host[:port][/path]")
        } catch { throw Failure(.usage, "invalid endpoint") }
        return url
    }

    static func bundle(_ path: String) throws -> String? {
        guard !path.isEmpty else { return nil }
        let path = try Paths.absolute(path)
        do {
            _ = try CertificateFile.read(path)
        } catch .file(let error) {
            throw error
        } catch { throw Failure(.malformed, "invalid CA bundle: \(error.reason.printable)") }
        return path
    }

    package static func serial(_ text: String) throws -> String? {
        guard !text.isEmpty else { return nil }
        do { try MFADevice.check(text) } catch {
            throw Failure(
                .usage, "invalid MFA device '\(String(text.prefix(100)).printable)': \(error.reason)",
                hint: error == .securityKey || error == .textMessage
                    ? "add a virtual device (an authenticator app) to the user, and give its ARN"
                    : "write its ARN, as arn:aws:iam::123456789012:mfa/name")
        }
        return text
    }

    private static func seconds(_ text: String, hours: UInt32, of what: String) throws -> UInt32? {
        guard !text.isEmpty else { return nil }
        let seconds = try DurationText.seconds(text, in: 0...UInt32.max)
        guard seconds >= 1800 else {
            throw Failure(
                .usage,
                "\(what) must last at least 30m: clients renew it at each request in its last 15m",
                hint: "use --duration 1h, which AWS allows for every key and role")
        }
        guard seconds <= hours * 3600 else {
            throw Failure(
                .usage, "\(what) can last at most \(hours)h", hint: "use --duration \(hours)h or less")
        }
        return seconds
    }

    /// A region that may be stored.
    package static func region(_ text: String) throws -> String? {
        guard !text.isEmpty else { return nil }
        do { try AWSRegion.check(text) } catch {
            throw Failure(
                .usage, "invalid region '\(String(text.prefix(100)).printable)': \(error.reason)")
        }
        return text
    }

    /// Warns of a region that may be stored, and that AWS may not have: of another store's, or misspelt.
    package static func warn(unknownRegion text: String?, _ conversation: any Conversation) {
        guard let text, !text.isEmpty, !AWSRegion.isKnown(text) else { return }
        do {
            _ = try AWSRegion.partition(of: text)
            conversation.warn("unknown region '\(text.printable)': check that AWS has it")
        } catch {
            conversation.warn("unknown region '\(text.printable)': \(error.reason)")
            conversation.hint("requests to AWS need another region, or an endpoint set with --sts-endpoint")
        }
    }
}
