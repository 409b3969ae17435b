import type { Resource, ResourceGraph } from "../../local/aws/resource";
import type { RequestContext } from "../../local/iam/context";
import type { Evaluation } from "../../local/iam/decisions";
import { readPolicy, type StatementDocument } from "../../local/iam/document";
import { Policy } from "../../local/iam/policy";

/** One action on one resource that one statement allows. */
export interface Permission {
  /** The role, by the program's name; of a resource's own policy such as `queue fulfillment`. */
  readonly holder: string;
  readonly action: string;
  readonly resource: string;
  /** The one service that may use it, or through which alone a role may, such as `dynamodb`. */
  readonly through: string | undefined;
  readonly isOfRole: boolean;
  /** Whether it is what allows a request. */
  covers(action: string, resource: string, request: RequestContext): boolean;
  /** Whether the policies that were asked lack it. */
  isMissedIn(evaluation: Evaluation): boolean;
}

/** A {@link Permission}, and where it stands. */
interface Grant extends Permission {
  /** The same in every recording of the graph. */
  readonly id: string;
  readonly statement: StatementDocument;
}

const ROLE = "aws:iam/role:Role";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
/** What has a policy of its own, in its input `policy`. */
const RESOURCE_POLICIES: Readonly<Record<string, string>> = {
  "aws:kms/key:Key": "key",
  "aws:sns/topicPolicy:TopicPolicy": "topic",
  "aws:sqs/queuePolicy:QueuePolicy": "queue",
};

/** Everything that the policies of a graph allow, one action and one resource at a time. */
export function permissionsOf(graph: ResourceGraph): readonly Permission[] {
  return graph.resources.flatMap((resource) => grantsOf(graph, resource));
}

/** The graph whose policies lack some of its permissions; every other one is as it was. */
export function without(graph: ResourceGraph, removed: readonly Permission[]): ResourceGraph {
  const gone = new Set(removed.map((permission) => (permission as Grant).id));
  const resources = graph.resources.flatMap((resource) => {
    const grants = grantsOf(graph, resource);
    const kept = grants.filter(({ id }) => !gone.delete(id));
    if (kept.length === grants.length) return [resource];
    const Statement = [...denialsOf(resource), ...kept.map(({ statement }) => statement)];
    const policy = JSON.stringify({ Version: "2012-10-17", Statement });
    // A policy without a statement is none.
    return Statement.length > 0 ? [{ ...resource, inputs: { ...resource.inputs, policy } }] : [];
  });
  if (gone.size > 0) throw new Error(`The graph has no permission ${[...gone].join(", ")}.`);
  return { ...graph, resources };
}

function grantsOf(graph: ResourceGraph, resource: Resource): Grant[] {
  const role = resource.type === ROLE_POLICY ? roleOf(graph, resource) : undefined;
  return statementsOf(resource).flatMap((statement, index) => {
    const { Effect, Action, Resource } = statement;
    if (Effect === "Deny") return [];
    if (!Action || !Resource)
      throw new Error(
        `The policy of ${resource.urn} does not list what it allows, so nothing can be taken away.`,
      );
    return Action.flatMap((action) =>
      Resource.map((target) => {
        const single = { ...statement, Action: [action], Resource: [target] };
        const id = `${resource.urn} ${index} ${action} ${target}`;
        return role ? roleGrant(id, role, single) : resourceGrant(id, resource, single);
      }),
    );
  });
}

function denialsOf(resource: Resource): StatementDocument[] {
  return statementsOf(resource).filter(({ Effect }) => Effect === "Deny");
}

function statementsOf({ type, urn, inputs: { policy } }: Resource): StatementDocument[] {
  const hasPolicy = type === ROLE_POLICY || Object.hasOwn(RESOURCE_POLICIES, type);
  return hasPolicy && policy !== undefined ? readPolicy(policy, `The policy of ${urn}`).Statement : [];
}

function roleOf(graph: ResourceGraph, { urn, inputs }: Resource): Resource {
  const role = graph.resources.find(({ type, id }) => type === ROLE && id === inputs["role"]);
  if (!role) throw new Error(`The policy ${urn} is for a role that is not there.`);
  return role;
}

function roleGrant(id: string, role: Resource, statement: StatementDocument): Grant {
  const policy = compiled(id, statement, "identity");
  return {
    ...{ id, statement, ...named(statement) },
    holder: role.name,
    isOfRole: true,
    through: statement.Condition?.["StringEquals"]?.["kms:ViaService"]?.[0]?.split(".")[0],
    covers: (action, resource, request) =>
      request.caller.type === "role" &&
      request.caller.roleArn === role.outputs["arn"] &&
      policy.evaluate(action, resource, request).allowed,
    isMissedIn: ({ identity }) => !identity.allowed,
  };
}

function resourceGrant(id: string, { type, name }: Resource, statement: StatementDocument): Grant {
  const policy = compiled(id, statement, "resource");
  const { Principal } = statement;
  return {
    ...{ id, statement, ...named(statement) },
    holder: `${RESOURCE_POLICIES[type]} ${name}`,
    isOfRole: false,
    through: typeof Principal === "object" ? Principal["Service"]?.[0]?.split(".")[0] : undefined,
    covers: (action, resource, request) => {
      const { allowed, delegated } = policy.evaluate(action, resource, request);
      return allowed || delegated;
    },
    isMissedIn: ({ resource: { allowed, delegated } }) => !allowed && !delegated,
  };
}

function compiled(id: string, statement: StatementDocument, kind: "identity" | "resource"): Policy {
  return Policy.compile({ Version: "2012-10-17", Statement: statement }, id, kind);
}

/** The one action and the one resource of a statement. */
function named({ Action, Resource }: StatementDocument): Pick<Permission, "action" | "resource"> {
  return { action: Action?.[0] ?? "", resource: Resource?.[0] ?? "" };
}
