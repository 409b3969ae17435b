import type { Authorizer, PolicyDocument } from "../aws/authorizer";
import type { Caller } from "../aws/caller";
import { AwsError } from "../aws/error";
import type { ResourceHost } from "../aws/resource";
import type { Clock } from "../clock";
import { principalName, RequestContext, type GivenKeys } from "./context";
import { Decisions, type Evaluation } from "./decisions";
import { Policy, type Verdict } from "./policy";
import { Roles } from "./roles";
import { Sessions, type Credentials } from "./sessions";

/** The optional part of {@link Authorizer.authorize}. */
export type AuthorizeOptions = NonNullable<Parameters<Authorizer["authorize"]>[3]>;

/**
 * Told of each question whether somebody may do something, and of what the policies said.
 *
 * @param action such as `sqs:SendMessage`
 * @param resource the ARN that the action is done to, `*` where the action has none
 * @param request who asks, and the condition keys
 */
export type DecisionObserver = (
  action: string,
  resource: string,
  request: RequestContext,
  evaluation: Evaluation,
) => void;

const NO_POLICY: Verdict = { denied: false, allowed: false, delegated: false };

/** The sessions that are remembered so that one that is assumed again is the same caller. */
const REMEMBERED_SESSIONS = 1_000;

/** A service that has assumed a role, and as whom. */
interface AssumedRole {
  readonly service: Caller;
  readonly session: Caller;
}

/**
 * Roles and their policies, and the decision who may do what (IAM User Guide, "Policy evaluation logic", requests
 * within one account): an explicit Deny wins, then the Allow of an identity policy or of the resource's own.
 * The administrator may do everything: no policy is asked.
 */
export class Iam implements Authorizer, ResourceHost {
  readonly hosts: ResourceHost["hosts"];

  private readonly clock: Clock;
  private readonly region: string;
  private readonly onDecision: DecisionObserver | undefined;
  private readonly sessions = new Sessions();
  private readonly roles = new Roles();
  private readonly resourcePolicies = new WeakMap<PolicyDocument, Policy>();
  private readonly decisions = new Decisions();
  private readonly assumed = new Map<string, AssumedRole>();

  constructor(dependencies: {
    readonly clock: Clock;
    readonly region: string;
    readonly onDecision?: DecisionObserver | undefined;
  }) {
    this.clock = dependencies.clock;
    this.region = dependencies.region;
    this.onDecision = dependencies.onDecision;
    // Whatever is hosted may change what a role may do.
    this.hosts = Object.fromEntries(
      Object.entries(this.roles.hosts).map(([type, host]) => [
        type,
        (resource) => {
          this.decisions.clear();
          return host(resource);
        },
      ]),
    );
  }

  authorize(caller: Caller, action: string, resource: string, options: AuthorizeOptions = {}): void {
    if (caller.type === "administrator") return;
    const { identity, resource: ofResource } = this.evaluate(caller, action, resource, options);
    const denier = identity.denied ? "an identity" : ofResource.denied ? "a resource" : undefined;
    if (denier)
      throw accessDenied(caller, action, resource, `with an explicit deny in ${denier}-based policy`);
    if (identity.allowed || ofResource.allowed) return;
    const silent = caller.type === "service" ? "resource" : "identity";
    throw accessDenied(
      caller,
      action,
      resource,
      `because no ${silent}-based policy allows the ${action} action`,
    );
  }

  /**
   * What the caller's identity policies and the resource's own policy say, for a service that combines the two in
   * another way than {@link authorize} does.
   */
  evaluate(
    caller: Caller,
    action: string,
    resource: string,
    { context, resourcePolicy }: AuthorizeOptions = {},
  ): Evaluation {
    const evaluation = this.remembered(caller, action, resource, context, resourcePolicy, (request) => ({
      identity: this.evaluateIdentity(caller, action, resource, request),
      resource: resourcePolicy
        ? this.compiled(resourcePolicy).evaluate(action, resource, request)
        : NO_POLICY,
    }));
    this.onDecision?.(action, resource, this.request(caller, resource, context), evaluation);
    return evaluation;
  }

  /**
   * A session of a role, as a service assumes it for a resource of its own.
   *
   * @param servicePrincipal such as `lambda.amazonaws.com`
   * @param sourceArn the resource that the role is assumed for
   * @throws AwsError `NoSuchEntity` for an unknown role, `AccessDenied` when its trust policy does not allow it
   */
  assumeRole(roleArn: string, servicePrincipal: string, sourceArn: string, sessionName: string): Caller {
    const role = this.roles.get(roleArn);
    if (!role) throw new AwsError("NoSuchEntity", `The role ${roleArn} cannot be found.`, 404);
    const { service, session } = this.sessionOf(roleArn, servicePrincipal, sourceArn, sessionName);
    const action = "sts:AssumeRole";
    const { resource: verdict } = this.remembered(
      service,
      action,
      roleArn,
      undefined,
      role.trust,
      (request) => ({ identity: NO_POLICY, resource: role.trust.evaluate(action, roleArn, request) }),
    );
    if (!verdict.allowed || verdict.denied)
      throw accessDenied(service, action, roleArn, "because the role trust policy does not allow it");
    return session;
  }

  /** The credentials with which the SDK signs as a role's session. */
  credentials(caller: Caller): Credentials {
    return this.sessions.credentialsOf(caller);
  }

  /**
   * Who signs with an access key id: the administrator, unless the run itself handed the credentials to a session.
   *
   * @throws AwsError `MissingAuthenticationTokenException` for a request without a signature
   */
  callerOf(accessKeyId: string | undefined): Caller {
    return this.sessions.callerOf(accessKeyId);
  }

  private evaluateIdentity(
    caller: Caller,
    action: string,
    resource: string,
    context: RequestContext,
  ): Verdict {
    if (caller.type !== "role") return NO_POLICY;
    const policies = this.roles.get(caller.roleArn)?.policies ?? [];
    let denied = false;
    let allowed = false;
    for (const policy of policies) {
      const verdict = policy.evaluate(action, resource, context);
      denied ||= verdict.denied;
      allowed ||= verdict.allowed;
    }
    return { denied, allowed, delegated: false };
  }

  /** Decisions are remembered by the caller, so the same session is to be the same caller. */
  private sessionOf(roleArn: string, service: string, sourceArn: string, sessionName: string): AssumedRole {
    const key = `${roleArn} ${service} ${sourceArn} ${sessionName}`;
    const known = this.assumed.get(key);
    if (known) return known;
    const assumed: AssumedRole = {
      service: { type: "service", service, sourceArn },
      session: { type: "role", roleArn, sessionName },
    };
    if (this.assumed.size >= REMEMBERED_SESSIONS) this.assumed.clear();
    this.assumed.set(key, assumed);
    return assumed;
  }

  private remembered(
    caller: Caller,
    action: string,
    resource: string,
    given: GivenKeys | undefined,
    policy: object | undefined,
    evaluate: (request: RequestContext) => Evaluation,
  ): Evaluation {
    const request = `${action} ${resource}`;
    const known = this.decisions.find(caller, request, policy, given);
    if (known) return known;
    const context = this.request(caller, resource, given);
    const evaluation = evaluate(context);
    this.decisions.keep(request, policy, context, evaluation);
    return evaluation;
  }

  private request(caller: Caller, resource: string, given: GivenKeys | undefined): RequestContext {
    return new RequestContext(caller, resource, given, this.clock, this.region);
  }

  private compiled(document: PolicyDocument): Policy {
    let policy = this.resourcePolicies.get(document);
    if (!policy) {
      policy = Policy.compile(document, "A resource's policy", "resource");
      this.resourcePolicies.set(document, policy);
    }
    return policy;
  }
}

function accessDenied(caller: Caller, action: string, resource: string, reason: string): AwsError {
  const message = `User: ${principalName(caller)} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
  return new AwsError("AccessDeniedException", message, 403);
}
