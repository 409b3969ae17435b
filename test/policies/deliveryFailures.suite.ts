import { deliveryFailurePolicies } from "../../policies/deliveryFailures";
import { check, type Given } from "./support/check";

const DEAD_ARN = "arn:aws:sqs:eu-west-1:123456789012:dead";
const WORK_ARN = "arn:aws:sqs:eu-west-1:123456789012:work";

describe("sns-subscription-redrive-policy", () => {
  const violations = (change: Given["props"], config = {}) => {
    const props = {
      protocol: "sqs",
      endpoint: WORK_ARN,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: DEAD_ARN }),
      ...change,
    };
    const subscription = { type: "aws:sns/topicSubscription:TopicSubscription", name: "events", props };
    return check(deliveryFailurePolicies, "sns-subscription-redrive-policy", [subscription], { config });
  };

  test("passes a subscription with a dead-letter queue", async () => {
    expect(await violations({})).toEqual([]);
  });

  test.each(["sqs", "lambda", "https", "firehose", "email", "sms"])(
    "refuses a subscription of protocol %s without",
    async (protocol) => {
      expect(await violations({ protocol, redrivePolicy: undefined })).toEqual([
        expect.stringMatching(/^events: .*no dead-letter queue.*Set redrivePolicy/),
      ]);
    },
  );

  test.each([
    ["an empty text", ""],
    ["a text that is no JSON", "dead"],
    ["no target", "{}"],
    ["an empty target", '{"deadLetterTargetArn":""}'],
    ["a target that is no queue", '{"deadLetterTargetArn":"arn:aws:sns:eu-west-1:123456789012:dead"}'],
    ["its own endpoint", JSON.stringify({ deadLetterTargetArn: WORK_ARN })],
  ])("refuses a redrive policy with %s", async (_what, redrivePolicy) => {
    expect(await violations({ redrivePolicy })).toHaveLength(1);
  });

  test("exempts the protocols of its configuration", async () => {
    const config = { exemptProtocols: ["email"] };
    expect(await violations({ protocol: "email", redrivePolicy: undefined }, config)).toEqual([]);
    expect(await violations({ redrivePolicy: undefined }, config)).toHaveLength(1);
  });
});

describe("scheduler-dead-letter-queue", () => {
  const violations = (deadLetterConfig: unknown) => {
    const props = {
      target: { arn: WORK_ARN, roleArn: "arn:aws:iam::123456789012:role/r", deadLetterConfig },
    };
    const schedule = { type: "aws:scheduler/schedule:Schedule", name: "nightly", props };
    return check(deliveryFailurePolicies, "scheduler-dead-letter-queue", [schedule]);
  };

  test("passes a schedule with a dead-letter queue", async () => {
    expect(await violations({ arn: DEAD_ARN })).toEqual([]);
  });

  test.each([undefined, {}, { arn: "" }])("refuses %j", async (deadLetterConfig) => {
    expect(await violations(deadLetterConfig)).toEqual([
      expect.stringMatching(/^nightly: .*Set target.deadLetterConfig.arn/),
    ]);
  });
});

describe("eventbridge-target-dead-letter-queue", () => {
  const violations = (deadLetterConfig: unknown) => {
    const props = { rule: "placed", arn: WORK_ARN, deadLetterConfig };
    const target = { type: "aws:cloudwatch/eventTarget:EventTarget", name: "placed", props };
    return check(deliveryFailurePolicies, "eventbridge-target-dead-letter-queue", [target]);
  };

  test("passes a target with a dead-letter queue", async () => {
    expect(await violations({ arn: DEAD_ARN })).toEqual([]);
  });

  test.each([undefined, {}, { arn: "" }])("refuses %j", async (deadLetterConfig) => {
    expect(await violations(deadLetterConfig)).toEqual([
      expect.stringMatching(/^placed: .*Set deadLetterConfig.arn/),
    ]);
  });
});

describe("sqs-dead-letter-queue-senders", () => {
  const TOPIC = "arn:aws:sns:eu-west-1:123456789012:events";
  const DEAD: Given = { type: "aws:sqs/queue:Queue", name: "dead", props: { arn: DEAD_ARN } };
  const SUBSCRIPTION: Given = {
    type: "aws:sns/topicSubscription:TopicSubscription",
    name: "events",
    props: { topic: TOPIC, redrivePolicy: JSON.stringify({ deadLetterTargetArn: DEAD_ARN }) },
  };
  const TARGET: Given = {
    type: "aws:cloudwatch/eventTarget:EventTarget",
    name: "placed",
    props: { deadLetterConfig: { arn: DEAD_ARN } },
  };
  const allowing = (change: object): Given => ({
    type: "aws:sqs/queuePolicy:QueuePolicy",
    name: "dead-policy",
    props: {
      policy: JSON.stringify({
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "sns.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: DEAD_ARN,
            Condition: { ArnEquals: { "aws:SourceArn": TOPIC } },
            ...change,
          },
        ],
      }),
    },
    madeOf: { queueUrl: ["dead"] },
  });
  const violations = (...given: Given[]) =>
    check(deliveryFailurePolicies, "sqs-dead-letter-queue-senders", [DEAD, ...given]);

  test.each([
    ["names its topic", {}],
    ["names its account", { Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } } }],
    ["names a pattern", { Condition: { ArnLike: { "aws:SourceArn": "arn:aws:sns:*:123456789012:*" } } }],
    ["lets everybody in", { Principal: "*" }],
  ])("passes a queue whose policy %s", async (_what, change) => {
    expect(await violations(SUBSCRIPTION, allowing(change))).toEqual([]);
  });

  test("passes a queue of another stack", async () => {
    const props = { ...SUBSCRIPTION.props, redrivePolicy: JSON.stringify({ deadLetterTargetArn: WORK_ARN }) };
    expect(await violations({ ...SUBSCRIPTION, props })).toEqual([]);
  });

  test.each([
    ["refuses", { Effect: "Deny" }],
    ["names another service", { Principal: { Service: "events.amazonaws.com" } }],
    ["names another topic", { Condition: { ArnEquals: { "aws:SourceArn": `${TOPIC}-2` } } }],
    ["allows something else", { Action: "sqs:ReceiveMessage" }],
    ["is for another queue", { Resource: WORK_ARN }],
  ])("refuses a queue whose policy %s", async (_what, change) => {
    expect(await violations(SUBSCRIPTION, allowing(change))).toEqual([
      expect.stringMatching(/^dead: Queue "dead" does not let sns.amazonaws.com write to it for "events"/),
    ]);
  });

  test("refuses a queue without a policy", async () => {
    expect(await violations(SUBSCRIPTION)).toHaveLength(1);
    expect(await violations(TARGET)).toEqual([expect.stringContaining("events.amazonaws.com")]);
  });

  test("passes the queue of a rule's target that lets EventBridge in", async () => {
    const change = { Principal: { Service: "events.amazonaws.com" } };
    expect(await violations(TARGET, allowing(change))).toEqual([]);
  });
});
