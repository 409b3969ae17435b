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
