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

    package func apply(to entry: inout Entry) throws {
        if let url = stsEndpoint { entry.stsEndpoint = try Self.endpoint(url) }
        if let url = iamEndpoint { entry.iamEndpoint = try Self.endpoint(url) }
        if let path = caBundle { entry.caBundle = try Self.bundle(path) }
        if let serial = mfaSerial { try Self.set(serial, of: &entry) }
        if let duration {
            entry.sessionSeconds = try Self.seconds(duration, hours: 36, of: "a key's session")
        }
    }

    package func apply(to role: inout Role) throws {
        guard iamEndpoint == nil else {
            throw Failure(.usage, "a role makes no IAM requests", hint: "set --iam-endpoint on its key")
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
                "the seed of '\(entry.name)' is that of its device, \((entry.mfaSerial ?? "").printable)",
                hint: "forget both first with 'sealring mfa remove \(entry.name)'")
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
                "\(what) lasts 30 minutes at least: in its last 15, clients would ask again at each request",
                hint: "give --duration 1h, which AWS allows every key and role")
        }
        guard seconds <= hours * 3600 else {
            throw Failure(
                .usage, "\(what) lasts \(hours) hours at most", hint: "give --duration \(hours)h, or less")
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
}
