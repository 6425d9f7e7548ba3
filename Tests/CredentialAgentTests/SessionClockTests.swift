import AWSValues
import AgentProtocol
import CredentialVault
import SecureMemory
import TestSupport
import Testing

@testable import CredentialAgent

/// Clocks that are wrong, and what is believed of AWS's.
extension SessionTests {
    @Test("a clock that is wrong is measured, and the request is signed once more")
    func skew() throws {
        let first = try ask("admin")
        let second = try deliver(first, refusal("SignatureDoesNotMatch", date: agent.now.unix + 600))
        #expect(second.kind == lease)
        let stamp = String(
            decoding: Timestamp.format(agent.now.unix + 600).filter { $0 != 45 && $0 != 58 }, as: UTF8.self)
        #expect(text(second).contains(stamp) && !text(first).contains(stamp))
        #expect(try deliver(second, refusal("SignatureDoesNotMatch", date: agent.now.unix + 1200)).code == 77)
        // What AWS told last counts, as far as it is believed.
        let last = String(
            decoding: Timestamp.format(agent.now.unix + 900).filter { $0 != 45 && $0 != 58 }, as: UTF8.self)
        #expect(text(try ask("admin")).contains(last))
    }

    @Test("a clock is believed to be wrong by 15 minutes at most")
    func farOff() throws {
        let second = try deliver(ask("admin"), refusal("RequestExpired", date: agent.now.unix + 86_400))
        let stamp = String(
            decoding: Timestamp.format(agent.now.unix + 900).filter { $0 != 45 && $0 != 58 }, as: UTF8.self)
        #expect(text(second).contains(stamp))
    }

    @Test("how long a session lives is told by AWS's clock")
    func clock() throws {
        let second = try deliver(ask("admin"), refusal("RequestExpired", date: agent.now.unix + 600))
        #expect(try deliver(second, reply(lasting: 4200, date: agent.now.unix + 600)).kind == json)
        agent.now.unix += 2400
        #expect(try ask("admin").kind == json)
        agent.now.unix += 1
        #expect(try ask("admin").kind == lease)
    }
}
