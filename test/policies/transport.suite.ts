import { transportPolicies } from "../../policies/transport";
import { check, type Given } from "./support/check";

interface Kind {
  readonly policy: string;
  readonly guarded: Given;
  readonly policyType: string;
  readonly reference: string;
  /** What the policy of the kind is about, at least. */
  readonly actions: readonly string[];
  readonly wildcard: string;
}

const QUEUES: Kind = {
  policy: "sqs-queue-policy-tls-only",
  guarded: {
    type: "aws:sqs/queue:Queue",
    name: "orders",
    props: { arn: "arn:aws:sqs:eu-west-1:123456789012:orders" },
  },
  policyType: "aws:sqs/queuePolicy:QueuePolicy",
  reference: "queueUrl",
  actions: [
    "sqs:SendMessage",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:PurgeQueue",
  ],
  wildcard: "sqs:*",
};
const TOPICS: Kind = {
  policy: "sns-topic-policy-tls-only",
  guarded: {
    type: "aws:sns/topic:Topic",
    name: "orders",
    props: { arn: "arn:aws:sns:eu-west-1:123456789012:orders" },
  },
  policyType: "aws:sns/topicPolicy:TopicPolicy",
  reference: "arn",
  actions: ["sns:Publish"],
  wildcard: "SNS:Pub*",
};

const PLAIN_HTTP = { Bool: { "aws:SecureTransport": "false" } };

describe.each([QUEUES, TOPICS])(
  "$policy",
  ({ policy, guarded, policyType, reference, actions, wildcard }) => {
    const { arn } = guarded.props as { arn: string };
    const DENY = { Effect: "Deny", Principal: "*", Action: wildcard, Resource: arn, Condition: PLAIN_HTTP };
    const document = (...statements: object[]) =>
      JSON.stringify({ Version: "2012-10-17", Statement: statements });
    const policyOf = (text: unknown, name = "policy"): Given => ({
      type: policyType,
      name,
      props: { policy: text },
      madeOf: { [reference]: ["orders"] },
    });
    const violations = (...policies: Given[]) => check(transportPolicies, policy, [guarded, ...policies]);
    const refused = (fault: RegExp) => [
      expect.stringMatching(new RegExp(`^orders: .*"orders" ${fault.source}.*with a statement Deny`)),
    ];

    test.each<[string, object]>([
      ["names everybody", DENY],
      ["names everybody as AWS principals", { ...DENY, Principal: { AWS: "*" } }],
      ["names everybody in a list", { ...DENY, Principal: { AWS: ["*"] } }],
      ["lists the actions", { ...DENY, Action: actions }],
      [
        "uses wildcards for single letters",
        { ...DENY, Action: actions.map((action) => action.replace(/:./, ":?")) },
      ],
      ["writes actions in other cases", { ...DENY, Action: actions.map((action) => action.toUpperCase()) }],
      [
        "denies all other actions but some that matter not",
        { ...DENY, Action: undefined, NotAction: "x:List*" },
      ],
      ["speaks of every resource", { ...DENY, Resource: "*" }],
      ["holds without the key too", { ...DENY, Condition: { BoolIfExists: PLAIN_HTTP.Bool } }],
      ["writes false as JSON", { ...DENY, Condition: { Bool: { "aws:SecureTransport": [false] } } }],
    ])("passes a policy that %s", async (_what, statement) => {
      expect(await violations(policyOf(document(statement)))).toEqual([]);
    });

    test("passes a policy that does it in several statements, or as an object", async () => {
      const statements = actions.map((Action) => ({ ...DENY, Action }));
      expect(await violations(policyOf(document(...statements)))).toEqual([]);
      expect(await violations(policyOf({ Statement: DENY }))).toEqual([]);
    });

    test("passes a policy that is its own property", async () => {
      const itself = { ...guarded, props: { ...guarded.props, policy: document(DENY) } };
      expect(await check(transportPolicies, policy, [itself])).toEqual([]);
    });

    test("refuses one without a policy, or with an empty one", async () => {
      expect(await violations()).toEqual(refused(/has no policy/));
      expect(await violations(policyOf(""))).toEqual(refused(/has no policy/));
    });

    test.each(["deny plain HTTP", "[]", "{}", '{"Statement":"Deny"}', '{"Statement":[]}'])(
      "refuses a policy that is %s",
      async (text) => {
        expect(await violations(policyOf(text))).toEqual(
          refused(/has a policy that is no JSON policy document/),
        );
      },
    );

    test.each<[string, object]>([
      ["allows", { ...DENY, Effect: "Allow" }],
      ["speaks of one account only", { ...DENY, Principal: { AWS: "123456789012" } }],
      ["speaks of services only", { ...DENY, Principal: { Service: "*" } }],
      ["leaves somebody out", { ...DENY, Principal: undefined, NotPrincipal: { AWS: "123456789012" } }],
      ["names nobody", { ...DENY, Principal: undefined }],
      ["speaks of other actions", { ...DENY, Action: "x:Tag*" }],
      ["leaves out what matters", { ...DENY, Action: undefined, NotAction: [actions[0]] }],
      ["names no actions", { ...DENY, Action: [] }],
      ["leaves out one action that matters", { ...DENY, Action: actions.slice(1) }],
      ["speaks of another resource", { ...DENY, Resource: `${arn}-2` }],
      ["leaves this resource out", { ...DENY, Resource: undefined, NotResource: arn }],
      ["names no resource", { ...DENY, Resource: undefined }],
      ["has no condition", { ...DENY, Condition: undefined }],
      ["refuses TLS instead", { ...DENY, Condition: { Bool: { "aws:SecureTransport": "true" } } }],
      ["compares with nothing", { ...DENY, Condition: { Bool: { "aws:SecureTransport": [] } } }],
      ["asks for another key", { ...DENY, Condition: { Bool: { "aws:ViaAWSService": "false" } } }],
      ["asks whether the key is there", { ...DENY, Condition: { Null: { "aws:SecureTransport": "false" } } }],
      [
        "asks for more, under another operator",
        { ...DENY, Condition: { ...PLAIN_HTTP, StringEquals: { "aws:SourceAccount": "1" } } },
      ],
      [
        "asks for more, under the same operator",
        { ...DENY, Condition: { Bool: { ...PLAIN_HTTP.Bool, "aws:ViaAWSService": "true" } } },
      ],
    ])("refuses a policy that %s", async (_what, statement) => {
      expect(await violations(policyOf(document(statement)))).toEqual(
        refused(/takes \w+:\w+ over plain HTTP/),
      );
    });

    test("refuses a second policy that does not do it: only one is in force", async () => {
      const allow = { Effect: "Allow", Principal: "*", Action: wildcard, Resource: arn };
      const policies = [policyOf(document(DENY)), policyOf(document(allow), "second")];
      expect(await violations(...policies)).toHaveLength(1);
    });

    test("refuses one that only another one's policy speaks of", async () => {
      const other = { ...guarded, name: "other", props: { arn: `${arn}-other` } };
      const elsewhere = { ...policyOf(document(DENY)), madeOf: { [reference]: ["other"] } };
      expect(await violations(other, elsewhere)).toHaveLength(2);
    });

    test("asks for the actions of its configuration", async () => {
      const given = [guarded, policyOf(document({ ...DENY, Action: actions }))];
      const config = { actions: [...actions, "x:Subscribe"] };
      expect(await check(transportPolicies, policy, given, { config })).toEqual(
        refused(/takes x:Subscribe over plain HTTP/),
      );
    });
  },
);

describe("sns-subscription-tls-only", () => {
  const violations = (protocol: string) => {
    const subscription = {
      type: "aws:sns/topicSubscription:TopicSubscription",
      name: "hook",
      props: { protocol },
    };
    return check(transportPolicies, "sns-subscription-tls-only", [subscription]);
  };

  test.each(["https", "sqs", "email"])("passes %s", async (protocol) => {
    expect(await violations(protocol)).toEqual([]);
  });

  test("refuses http", async () => {
    expect(await violations("http")).toEqual([
      expect.stringMatching(/^hook: .*plain HTTP.*Set protocol to https/),
    ]);
  });
});
