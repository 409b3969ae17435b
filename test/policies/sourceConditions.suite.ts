import { sourceConditionPolicies } from "../../policies/sourceConditions";
import { check, type Given } from "./support/check";

const ACCOUNT = "123456789012";
const TOPIC = `arn:aws:sns:eu-west-1:${ACCOUNT}:orders`;

const policyOf = (...statements: object[]) =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });
const allowing = (principal: object, condition?: object) =>
  policyOf({
    Effect: "Allow",
    ...principal,
    Action: "sqs:SendMessage",
    Resource: "*",
    ...(condition && { Condition: condition }),
  });
const SERVICE = { Principal: { Service: "sns.amazonaws.com" } };

const queuePolicy = (policy: unknown): Given => ({
  type: "aws:sqs/queuePolicy:QueuePolicy",
  name: "work",
  props: { policy },
});

describe("service-principal-source-condition", () => {
  const violations = (given: Given) =>
    check(sourceConditionPolicies, "service-principal-source-condition", [given]);
  const inQueue = (principal: object, condition?: object) =>
    violations(queuePolicy(allowing(principal, condition)));

  test.each([
    { ArnEquals: { "aws:SourceArn": TOPIC } },
    { ArnLike: { "AWS:SourceArn": `arn:aws:sns:*:${ACCOUNT}:*` } },
    { ArnLike: { "aws:SourceArn": "arn:aws:s3:::bucket" } },
    { StringEquals: { "aws:SourceAccount": [ACCOUNT, "210987654321"] } },
    { StringEquals: { "aws:SourceOrgID": "o-a1b2c3d4e5" } },
    { "ForAnyValue:StringLike": { "aws:SourceOrgPaths": ["o-a1b2c3d4e5/r-ab12/*"] } },
    { Bool: { "aws:SecureTransport": "true" }, StringEquals: { "aws:SourceAccount": ACCOUNT } },
  ])("passes a service with %j", async (condition) => {
    expect(await inQueue(SERVICE, condition)).toEqual([]);
  });

  test.each([
    undefined,
    {},
    { Bool: { "aws:SecureTransport": "true" } },
    { ArnLike: { "aws:SourceArn": "*" } },
    { ArnLike: { "aws:SourceArn": "arn:aws:sns:*:*:orders" } },
    { ArnLike: { "aws:SourceArn": [TOPIC, "arn:aws:sns:*:*:*"] } },
    { ArnLike: { "aws:SourceArn": "arn:aws:s3:::*" } },
    { StringLike: { "aws:SourceAccount": "*" } },
    { StringLike: { "aws:SourceAccount": "1234*" } },
    { StringEquals: { "aws:SourceAccount": [] } },
    { StringEquals: { "aws:SourceAccount": "${aws:PrincipalAccount}" } },
    { StringLike: { "aws:SourceOrgID": "o-*" } },
    { StringEqualsIfExists: { "aws:SourceAccount": ACCOUNT } },
    { "ForAllValues:StringEquals": { "aws:SourceAccount": ACCOUNT } },
    { StringNotEquals: { "aws:SourceAccount": ACCOUNT } },
    { Null: { "aws:SourceArn": "false" } },
    { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } },
  ])("refuses a service with %j", async (condition) => {
    expect(await inQueue(SERVICE, condition)).toEqual([
      expect.stringMatching(/^work: The policy of "work" lets in sns\.amazonaws\.com on anybody's behalf/),
    ]);
  });

  test.each([
    [{ Principal: "*" }],
    [{ Principal: { AWS: "*" } }],
    [{ Principal: { AWS: [`arn:aws:iam::${ACCOUNT}:root`, "*"] } }],
    [{ NotPrincipal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } }],
  ])("refuses %j without a condition", async (principal) => {
    expect(await inQueue(principal)).toEqual([expect.stringContaining("lets in everybody")]);
  });

  test.each([
    { ArnEquals: { "aws:SourceArn": TOPIC } },
    { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } },
    { StringEquals: { "aws:PrincipalAccount": ACCOUNT } },
  ])("passes everybody with %j", async (condition) => {
    expect(await inQueue({ Principal: "*" }, condition)).toEqual([]);
  });

  test("passes a principal of an account without a condition", async () => {
    expect(await inQueue({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/sender` } })).toEqual([]);
  });

  test("passes a statement that refuses everybody", async () => {
    const policy = policyOf({ Effect: "Deny", Principal: "*", Action: "sqs:*", Resource: "*" });
    expect(await violations(queuePolicy(policy))).toEqual([]);
  });

  test("names each statement that lets strangers in", async () => {
    const statement = { Effect: "Allow", Action: "sqs:SendMessage", Resource: "*" };
    const policy = policyOf(
      { ...statement, Principal: { Service: ["s3.amazonaws.com", "events.amazonaws.com"] } },
      { ...statement, Principal: "*" },
    );
    expect(await violations(queuePolicy(policy))).toEqual([
      expect.stringContaining("s3.amazonaws.com, events.amazonaws.com"),
      expect.stringContaining("everybody"),
    ]);
  });

  test.each([["aws:sqs/queue:Queue"], ["aws:sns/topicPolicy:TopicPolicy"], ["aws:sns/topic:Topic"]])(
    "looks into the policy of an %s too",
    async (type) => {
      expect(await violations({ ...queuePolicy(allowing(SERVICE)), type })).toHaveLength(1);
    },
  );

  test("passes a queue without a policy, which lets in its account alone", async () => {
    expect(await violations({ type: "aws:sqs/queue:Queue", name: "work", props: {} })).toEqual([]);
  });

  test("refuses what is no policy", async () => {
    expect(await violations(queuePolicy("{"))).toEqual([
      expect.stringContaining("is no JSON policy document"),
    ]);
  });
});

describe("iam-role-named-principals", () => {
  const violations = (principal: object, condition?: object) => {
    const props = { assumeRolePolicy: allowing(principal, condition) };
    const role = { type: "aws:iam/role:Role", name: "worker", props };
    return check(sourceConditionPolicies, "iam-role-named-principals", [role]);
  };

  test.each([
    ["a service", SERVICE],
    ["an account", { Principal: { AWS: ACCOUNT } }],
    ["an identity provider", { Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/ci` } }],
  ])("passes %s", async (_what, principal) => {
    expect(await violations(principal)).toEqual([]);
  });

  test("passes everybody of an organization", async () => {
    const condition = { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } };
    expect(await violations({ Principal: "*" }, condition)).toEqual([]);
  });

  test.each([
    ["everybody", { Principal: "*" }],
    ["everybody beside a service", { Principal: { Service: "lambda.amazonaws.com", AWS: ["*"] } }],
    ["everybody but one", { NotPrincipal: { AWS: ACCOUNT } }],
  ])("refuses %s", async (_what, principal) => {
    expect(await violations(principal)).toEqual([
      expect.stringMatching(/^worker: Everybody on AWS may take role "worker".*as Principal/),
    ]);
  });

  test("refuses what is no policy", async () => {
    const role = { type: "aws:iam/role:Role", name: "worker", props: { assumeRolePolicy: "{" } };
    expect(await check(sourceConditionPolicies, "iam-role-named-principals", [role])).toHaveLength(1);
  });
});
