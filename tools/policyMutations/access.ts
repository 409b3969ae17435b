import { adding, editing, removing, setting, type MutationRule } from "./mutation";
import { actionsOf, inStatements, resourcesOf, withStatement, type Statement } from "./statements";

const ROLE = "aws:iam/role:Role";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy";
const TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy";

const ACTIONS = "iam-no-wildcard-actions";
const RESOURCES = "iam-no-wildcard-resources";
const MANAGED = "iam-no-aws-managed-policies";
const SOURCES = "service-principal-source-condition";
const PRINCIPALS = "iam-role-named-principals";

const serviceOf = (action = "") => action.split(":")[0] ?? "";

const starred: Parameters<typeof inStatements>[2] = [
  ["allows all actions", (statement) => ({ ...statement, Action: "*" })],
  [
    "allows all actions of the service",
    (statement) => ({
      ...statement,
      Action: [...actionsOf(statement), `${serviceOf(actionsOf(statement)[0])}:*`],
    }),
  ],
  [
    "has a ? in an action",
    (statement) => ({
      ...statement,
      Action: actionsOf(statement).map((action) => action.replace(/:./, ":?")),
    }),
  ],
  ["has NotAction", ({ Action, ...others }) => ({ ...others, NotAction: Action })],
];

/** Such as `arn:aws:sqs:eu-west-1:123456789012:*`: the ARN up to the name, and a pattern that names nothing. */
function everyResource({ Resource: resource }: Statement, every = "*"): string | undefined {
  if (typeof resource !== "string" || resource === "*") return undefined;
  const [prefix = "", partition = "", service = "", region = "", account = "", name = ""] =
    resource.split(":");
  const type = name.includes("/") ? `${name.split("/")[0]}/` : service === "logs" ? `${name}:` : "";
  return [prefix, partition, service, region, account, `${type}${every}`].join(":");
}

/** The statement with a `*` as one part of its resource's ARN. */
function withPart(statement: Statement, part: number): Statement | undefined {
  const { Resource: resource } = statement;
  if (typeof resource !== "string" || resource === "*") return undefined;
  return { ...statement, Resource: resource.split(":").with(part, "*").join(":") };
}

const unnamed: Parameters<typeof inStatements>[2] = [
  ["is for *", (statement) => (statement.Resource === "*" ? undefined : { ...statement, Resource: "*" })],
  [
    "is for * too",
    (statement) =>
      statement.Resource === "*" ? undefined : { ...statement, Resource: [...resourcesOf(statement), "*"] },
  ],
  [
    "is for everything of its kind",
    (statement) => {
      const resource = everyResource(statement);
      return resource === undefined ? undefined : { ...statement, Resource: resource };
    },
  ],
  [
    "is for whatever has a name like it",
    (statement) => {
      const resource = everyResource(statement, "*e*");
      return resource === undefined ? undefined : { ...statement, Resource: resource };
    },
  ],
  ["is for any account", (statement) => withPart(statement, 4)],
  ["is for any service", (statement) => withPart(statement, 2)],
  [
    "has NotResource",
    ({ Resource: resource, ...others }) =>
      resource === "*" ? undefined : { ...others, NotResource: "arn:aws:iam::123456789012:role/admin" },
  ],
  [
    "allows another action on *",
    (statement) =>
      statement.Resource === "*"
        ? { ...statement, Action: [...actionsOf(statement), "sqs:SendMessage"] }
        : undefined,
  ],
];

const wildcardStatement = { Effect: "Allow", Action: "sqs:*", Resource: "*" };
const inlinePolicies = [
  [{ name: "more", policy: JSON.stringify({ Version: "2012-10-17", Statement: wildcardStatement }) }],
];

/** Of a policy that lets a service in. */
const unconditioned: Parameters<typeof inStatements>[2] = [
  ["has no condition", ({ Condition: _, ...others }) => others],
  ["has an empty condition", (statement) => ({ ...statement, Condition: {} })],
  ...[
    { ArnLike: { "aws:SourceArn": "*" } },
    { ArnEquals: { "aws:SourceArn": "arn:aws:sns:*:*:*" } },
    { ArnEqualsIfExists: { "aws:SourceArn": "arn:aws:sns:eu-west-1:123456789012:orders" } },
    { "ForAllValues:StringEquals": { "aws:SourceAccount": "123456789012" } },
    { StringEquals: { "aws:SourceAccount": [] } },
    { StringLike: { "aws:SourceAccount": "*" } },
    { Bool: { "aws:SecureTransport": "true" } },
  ].map(
    (Condition) =>
      [
        `has the condition ${JSON.stringify(Condition)}`,
        (statement: Statement) => ({ ...statement, Condition }),
      ] as const,
  ),
];

const stranger = (Principal: unknown, action: string) => ({
  Effect: "Allow",
  Principal,
  Action: action,
  Resource: "*",
});

export const accessMutations: readonly MutationRule[] = [
  inStatements(ACTIONS, ROLE_POLICY, starred),
  inStatements(ACTIONS, QUEUE_POLICY, starred),
  withStatement(
    ACTIONS,
    TOPIC_POLICY,
    "allows sns:*",
    stranger({ Service: "events.amazonaws.com" }, "sns:*"),
  ),
  setting(ACTIONS, ROLE_POLICY, "policy", ["{"]),
  setting(ACTIONS, ROLE, "inlinePolicies", inlinePolicies),
  editing<{ readonly Statement: readonly Statement[] }>(ACTIONS, ROLE, "assumeRolePolicy", (document) => [
    {
      what: "allows sts:*",
      document: { Statement: document.Statement.map((each) => ({ ...each, Action: "sts:*" })) },
    },
  ]),

  editing<{ readonly Statement: readonly Statement[] }>(PRINCIPALS, ROLE, "assumeRolePolicy", (document) =>
    ["*", { AWS: "*" }, { Service: "lambda.amazonaws.com", AWS: ["*"] }].map((Principal) => ({
      what: `is for ${JSON.stringify(Principal)}`,
      document: {
        Statement: document.Statement.map(({ Condition: _, ...each }) => ({ ...each, Principal })),
      },
    })),
  ),
  setting(PRINCIPALS, ROLE, "assumeRolePolicy", ["{"]),

  inStatements(RESOURCES, ROLE_POLICY, unnamed),
  setting(RESOURCES, ROLE_POLICY, "policy", ["{"]),
  setting(RESOURCES, ROLE, "inlinePolicies", inlinePolicies),
  removing(RESOURCES, "aws:apigateway/account:Account"),

  setting(MANAGED, ROLE, "managedPolicyArns", [
    ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"],
    ["arn:aws:iam::123456789012:policy/own", "arn:aws-cn:iam::aws:policy/AdministratorAccess"],
  ]),
  adding(MANAGED, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "more", {
    role: "process-orders",
    policyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
  }),

  inStatements(SOURCES, QUEUE_POLICY, unconditioned),
  withStatement(SOURCES, QUEUE_POLICY, "lets everybody in", stranger("*", "sqs:SendMessage")),
  withStatement(SOURCES, TOPIC_POLICY, "lets everybody in", stranger({ AWS: ["*"] }, "sns:Publish")),
  withStatement(
    SOURCES,
    TOPIC_POLICY,
    "lets a service in",
    stranger({ Service: ["events.amazonaws.com"] }, "sns:Publish"),
  ),
];
