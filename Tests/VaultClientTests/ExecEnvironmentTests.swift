import SecureMemory
import Testing

@testable import VaultClient

/// Which variables a program of `exec` keeps.
struct ExecEnvironmentTests {
    private func isKept(_ variable: String, replacing names: [StaticString] = []) -> Bool {
        let bytes = Array(variable.utf8)
        return ExecEnvironment.isKept(bytes.rawSpan, replacing: names)
    }

    @Test(
        "no variable from which an SDK takes credentials stays",
        arguments: [
            "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
            "AWS_CREDENTIAL_EXPIRATION", "AWS_CREDENTIAL_FILE", "AWS_DEFAULT_PROFILE", "AWS_PROFILE",
            "AWS_ROLE_ARN",
            "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_BEARER_TOKEN_BEDROCK", "AWS_CONFIG_FILE",
            "AWS_SHARED_CREDENTIALS_FILE", "AWS_ACCESS_KEY", "AWS_SECRET_KEY",
        ])
    func credentials(name: String) {
        #expect(!isKept("\(name)=x"))
        #expect(!isKept("\(name)="))
    }

    @Test("none of our settings stays but those that say where the agent is")
    func own() {
        for name in ["SEALRING_PASSPHRASE_FILE", "SEALRING_PROMPT", "SEALRING_MFA_COMMAND", "SEALRING_ENTRY"]
        {
            #expect(!isKept("\(name)=x"))
        }
        for name in ["SEALRING_AGENT_SOCKET", "SEALRING_VAULT", "SEALRING_STATE_DIR"] {
            #expect(isKept("\(name)=x"))
            #expect(
                !isKept(
                    "\(name)=x", replacing: ["SEALRING_AGENT_SOCKET", "SEALRING_VAULT", "SEALRING_STATE_DIR"])
            )
        }
    }

    @Test(
        "everything else stays, whatever it looks like",
        arguments: [
            "PATH=/bin", "AWS_REGION=eu-west-1", "AWS_PAGER=", "AWS_PROFILES=x", "aws_secret_access_key=x",
            "=x", "x", "",
            "AWS_CA_BUNDLE=/c", "MY_AWS_SECRET_ACCESS_KEY=x", "AWS_SECRET_ACCESS_KEY",
        ])
    func others(variable: String) { #expect(isKept(variable)) }

    @Test("a region that is set anew is not inherited")
    func region() {
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            #expect(isKept("\(name)=x") && !isKept("\(name)=x", replacing: ExecEnvironment.regions))
        }
    }
}
