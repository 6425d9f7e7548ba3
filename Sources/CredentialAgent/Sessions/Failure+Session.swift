import AWSRequests
import CredentialVault
import ProgramSupport

extension Failure {
    /// Why there is no session.
    static func refused(_ reply: AWSReply, _ lease: Lease, _ plan: SessionPlan, at now: Int64) -> Failure {
        var context = RequestContext(
            action: "get credentials", name: lease.step.name, identity: plan.key.accessKeyID,
            host: lease.step.endpoint.host)
        switch lease.step.operation {
        case .assumeRole(let role): context.action = "assume \(role.roleARN)"
        case .getSessionToken: context.action = "get a session"
        case .getFederationToken: context.action = "get a session for the console"
        default: break
        }
        if let place = plan.steps.firstIndex(where: { $0.fingerprint == lease.step.fingerprint }), place > 0 {
            context.isChained = true
            if case .assumeRole(let before) = plan.steps[place - 1].operation {
                context.identity = before.roleARN
            }
        }
        context.skew = reply.skew(now: now)
        return Failure(reply, context)
    }
}
