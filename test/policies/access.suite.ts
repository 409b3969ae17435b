import { accessPolicies } from "../../policies/access";
import { check, type CheckOptions, type Given } from "./support/check";

const QUEUE_ARN = "arn:aws:sqs:eu-west-1:123456789012:work";

const allowing = (statement: object) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });

const rolePolicy = (policy: unknown): Given => ({
  type: "aws:iam/rolePolicy:RolePolicy",
  name: "worker",
  props: { policy },
});

/** The same policy in every place where there can be one. */
const holding = (policy: unknown): [string, Given][] => [
  ["a role's policy", rolePolicy(policy)],
  ["a policy", { type: "aws:iam/policy:Policy", name: "worker", props: { policy } }],
  ["a user's policy", { type: "aws:iam/userPolicy:UserPolicy", name: "worker", props: { policy } }],
  ["a group's policy", { type: "aws:iam/groupPolicy:GroupPolicy", name: "worker", props: { policy } }],
  [
    "an inline policy of a role",
    { type: "aws:iam/role:Role", name: "worker", props: { inlinePolicies: [{ name: "inline", policy }] } },
  ],
];

describe("iam-no-wildcard-actions", () => {
  const violations = (given: Given, options?: CheckOptions) =>
    check(accessPolicies, "iam-no-wildcard-actions", [given], options);

  test("passes a policy that names each action", async () => {
    const policy = allowing({ Action: ["sqs:SendMessage", "sqs:ReceiveMessage"], Resource: QUEUE_ARN });
    expect(await violations(rolePolicy(policy))).toEqual([]);
  });

  test("passes a policy that denies all of a service's actions", async () => {
    const policy = { Statement: { Effect: "Deny", Action: "sqs:*", Resource: QUEUE_ARN } };
    expect(await violations(rolePolicy(policy))).toEqual([]);
  });

  test("passes the policy of a key, whose account needs all of its actions", async () => {
    const policy = allowing({ Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "kms:*" });
    expect(await violations({ type: "aws:kms/key:Key", name: "key", props: { policy } })).toEqual([]);
  });

  test("passes a wildcard that the configuration allows, and no other", async () => {
    const policy = allowing({ Action: ["kms:ReEncrypt*", "kms:Generate*"], Resource: "*" });
    const options = { config: { allowedActions: ["kms:ReEncrypt*"] } };
    expect(await violations(rolePolicy(policy), options)).toEqual([
      expect.stringContaining('The policy of "worker" allows kms:Generate*:'),
    ]);
  });

  test.each([
    ["every action", { Action: "*" }],
    ["every action of a service", { Action: "sqs:*" }],
    ["one among others", { Action: ["sqs:SendMessage", "sqs:Get*"] }],
    ["a character left open", { Action: "sqs:?endMessage" }],
    ["all actions but some", { NotAction: ["iam:PassRole"] }],
    [
      "all of a service under a condition",
      { Action: "sqs:*", Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } },
    ],
  ])("refuses %s", async (_what, statement) => {
    expect(await violations(rolePolicy(allowing({ Resource: QUEUE_ARN, ...statement })))).toEqual([
      expect.stringMatching(/^worker: .*Name each action/),
    ]);
  });

  test.each([
    ...holding(allowing({ Action: "sqs:*", Resource: QUEUE_ARN })),
    ["a policy as an object", rolePolicy({ Statement: { Effect: "Allow", Action: "sqs:*" } })] as const,
    [
      "a queue's policy",
      {
        type: "aws:sqs/queuePolicy:QueuePolicy",
        name: "worker",
        props: { policy: allowing({ Action: "sqs:*" }) },
      },
    ] as const,
    [
      "a topic's policy",
      {
        type: "aws:sns/topicPolicy:TopicPolicy",
        name: "worker",
        props: { policy: allowing({ Action: "sns:*" }) },
      },
    ] as const,
    [
      "a table's policy",
      {
        type: "aws:dynamodb/resourcePolicy:ResourcePolicy",
        name: "worker",
        props: { policy: allowing({ Principal: { AWS: "123456789012" }, Action: "sts:*" }) },
      },
    ],
    [
      "a role's trust policy",
      {
        type: "aws:iam/role:Role",
        name: "worker",
        props: { assumeRolePolicy: allowing({ Action: "sts:*" }) },
      },
    ] as const,
  ])("refuses all actions in %s", async (_what, given) => {
    expect(await violations(given)).toEqual([expect.stringMatching(/^worker: .*allows s[qtn]s:\*/)]);
  });

  test.each(["{", "[]", '{"Version":"2012-10-17"}'])("refuses %s, which is no policy", async (policy) => {
    expect(await violations(rolePolicy(policy))).toEqual([
      expect.stringContaining("is no JSON policy document"),
    ]);
  });
});

describe("iam-no-wildcard-resources", () => {
  const violations = (given: Given[], options?: CheckOptions) =>
    check(accessPolicies, "iam-no-wildcard-resources", given, options);
  const ofResource = (resource: unknown) =>
    violations([rolePolicy(allowing({ Action: "dynamodb:PutItem", Resource: resource }))]);

  test.each([
    [QUEUE_ARN],
    ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders"],
    ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/*"],
    ["arn:aws:logs:eu-west-1:123456789012:log-group:work:*"],
    ["arn:aws:s3:::bucket/*"],
    ["arn:aws:execute-api:eu-west-1:123456789012:api/*"],
    ["arn:aws:sns:eu-west-1:123456789012:order-*"],
  ])("passes %s", async (resource) => {
    expect(await ofResource(resource)).toEqual([]);
  });

  test.each([
    ["*"],
    ["a*"],
    ["arn:*"],
    ["arn:aws:sqs:*"],
    ["arn:aws:sqs:eu-west-1:123456789012:*"],
    ["arn:aws:dynamodb:eu-west-1:123456789012:*"],
    ["arn:aws:dynamodb:eu-west-1:123456789012:table/*"],
    ["arn:aws:dynamodb:eu-west-1:123456789012:table/?*"],
    ["arn:aws:dynamodb:eu-west-1:123456789012:table*"],
    ["arn:aws:dynamodb:eu-west-1:123456789012:*/orders"],
    ["arn:aws:dynamodb:*:*:table/*/stream/*"],
    ["arn:aws:logs:eu-west-1:123456789012:log-group:*"],
    ["arn:aws:logs:eu-west-1:123456789012:log-group:*:*"],
    ["arn:aws:s3:::*"],
    ["arn:aws:s3:::*/orders"],
    ["arn:aws:execute-api:eu-west-1:123456789012:*/GET/orders"],
    ["arn:aws:sqs:eu-west-1:123456789012:*e*"],
    ["arn:aws:dynamodb:eu-west-1:123456789012:table/?rders"],
    ["arn:aws:sqs:*:*:orders"],
    ["arn:aws:*:eu-west-1:123456789012:orders"],
  ])("refuses %s", async (resource) => {
    expect(await ofResource([QUEUE_ARN, resource])).toEqual([
      expect.stringContaining(`worker: The policy of "worker" allows dynamodb:PutItem on ${resource}:`),
    ]);
  });

  test("refuses all resources but some", async () => {
    const policy = allowing({ Action: "sqs:SendMessage", NotResource: QUEUE_ARN });
    expect(await violations([rolePolicy(policy)])).toEqual([
      expect.stringContaining("sqs:SendMessage on all but some resources (NotResource)"),
    ]);
  });

  test("refuses all actions but some on every resource", async () => {
    const policy = allowing({ NotAction: "xray:PutTraceSegments", Resource: "*" });
    expect(await violations([rolePolicy(policy)])).toEqual([
      expect.stringContaining("all but some actions on *"),
    ]);
  });

  test("passes actions that take no resource", async () => {
    const policy = allowing({ Action: ["xray:PutTraceSegments", "logs:CreateLogDelivery"], Resource: "*" });
    expect(await violations([rolePolicy(policy)])).toEqual([]);
  });

  test("refuses other actions beside them, and names only those", async () => {
    const policy = allowing({ Action: ["xray:PutTraceSegments", "sqs:SendMessage"], Resource: "*" });
    expect(await violations([rolePolicy(policy)])).toEqual([
      expect.stringContaining("allows sqs:SendMessage on *:"),
    ]);
  });

  test("passes actions that the configuration names", async () => {
    const policy = allowing({ Action: "sqs:ListQueues", Resource: "*" });
    const options = { config: { actionsWithoutResources: ["sqs:ListQueues"] } };
    expect(await violations([rolePolicy(policy)], options)).toEqual([]);
  });

  test("passes a statement that denies", async () => {
    const policy = { Statement: [{ Effect: "Deny", Action: "sqs:SendMessage", Resource: "*" }] };
    expect(await violations([rolePolicy(policy)])).toEqual([]);
  });

  test.each(holding(allowing({ Action: "sqs:SendMessage", Resource: "*" })))(
    "refuses every resource in %s",
    async (_what, given) => {
      expect(await violations([given])).toEqual([expect.stringContaining("allows sqs:SendMessage on *:")]);
    },
  );

  test("refuses what is no policy", async () => {
    expect(await violations([rolePolicy("{")])).toEqual([
      expect.stringContaining("is no JSON policy document"),
    ]);
  });

  const logging: Given = {
    ...rolePolicy(allowing({ Action: ["logs:CreateLogGroup", "logs:PutLogEvents"], Resource: "*" })),
    madeOf: { role: ["logger"] },
  };
  const role: Given = { type: "aws:iam/role:Role", name: "logger", props: {} };
  const account: Given = {
    type: "aws:apigateway/account:Account",
    name: "account",
    props: {},
    madeOf: { cloudwatchRoleArn: ["logger"] },
  };

  test("passes the role with which API Gateway writes every API's logs", async () => {
    expect(await violations([logging, role, account])).toEqual([]);
  });

  test("refuses the same of another role", async () => {
    expect(await violations([logging, role, { ...account, madeOf: {} }])).toHaveLength(1);
  });

  test("refuses more of API Gateway's role than its logs", async () => {
    const more = {
      ...logging,
      props: { policy: allowing({ Action: ["logs:DeleteLogGroup"], Resource: "*" }) },
    };
    expect(await violations([more, role, account])).toEqual([
      expect.stringContaining("logs:DeleteLogGroup on *"),
    ]);
  });
});

describe("iam-no-aws-managed-policies", () => {
  const violations = (given: Given, options?: CheckOptions) =>
    check(accessPolicies, "iam-no-aws-managed-policies", [given], options);
  const POLICY = "arn:aws:iam::aws:policy/AmazonSQSFullAccess";
  const attaching = (type: string, props: Given["props"]): Given => ({
    type: `aws:iam/${type}`,
    name: "more",
    props,
  });

  test.each([
    ["a role", attaching("rolePolicyAttachment:RolePolicyAttachment", { policyArn: POLICY })],
    ["a user", attaching("userPolicyAttachment:UserPolicyAttachment", { policyArn: POLICY })],
    ["a group", attaching("groupPolicyAttachment:GroupPolicyAttachment", { policyArn: POLICY })],
    ["several", attaching("policyAttachment:PolicyAttachment", { policyArn: POLICY })],
    [
      "a role, among others",
      attaching("role:Role", { managedPolicyArns: ["arn:aws:iam::1:policy/own", POLICY] }),
    ],
    [
      "a role, exclusively",
      attaching("rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", { policyArns: [POLICY] }),
    ],
  ])("refuses a policy of AWS for %s", async (_what, given) => {
    expect(await violations(given)).toEqual([
      expect.stringMatching(/^more: "more" attaches .*AmazonSQSFullAccess.*Write the actions/),
    ]);
  });

  test("refuses a policy of AWS in another partition", async () => {
    const given = attaching("role:Role", {
      managedPolicyArns: ["arn:aws-cn:iam::aws:policy/AdministratorAccess"],
    });
    expect(await violations(given)).toHaveLength(1);
  });

  test("passes a policy of the account, and one of AWS that the configuration allows", async () => {
    const given = attaching("role:Role", {
      managedPolicyArns: ["arn:aws:iam::123456789012:policy/own", POLICY],
    });
    expect(await violations(given, { config: { allowedPolicyArns: [POLICY] } })).toEqual([]);
  });
});
