import { asynchronousFunctionPolicies } from "../../policies/asynchronousFunctions";
import { check, type Given } from "./support/check";

const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:work-1";
const DEAD_ARN = "arn:aws:sqs:eu-west-1:123456789012:dead";
const WORK: Given = {
  type: "aws:lambda/function:Function",
  name: "work",
  props: { arn: ARN, name: "work-1" },
};
const DEAD: Given = { type: "aws:sqs/queue:Queue", name: "dead", props: { arn: DEAD_ARN } };
const LIVE: Given = {
  type: "aws:lambda/alias:Alias",
  name: "work-live",
  props: { arn: `${ARN}:live`, name: "live" },
  madeOf: { functionName: ["work"] },
};
const PERMISSION = {
  type: "aws:lambda/permission:Permission",
  name: "permission",
  props: { principal: "events.amazonaws.com" },
  madeOf: { function: ["work"] },
};

function eventInvokeConfig(props: Given["props"], of = "work"): Given {
  return {
    type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    name: "config",
    props,
    madeOf: { functionName: [of] },
  };
}
const ON_FAILURE = { destinationConfig: { onFailure: { destination: DEAD_ARN } } };

function violations(given: readonly Given[], config = {}): Promise<string[]> {
  const policy = "lambda-asynchronous-failure-destination";
  return check(asynchronousFunctionPolicies, policy, given, { config });
}
const REFUSED = [
  expect.stringMatching(/^work: .*invoked asynchronously.*Add an aws.lambda.FunctionEventInvokeConfig/),
];

describe("lambda-asynchronous-failure-destination", () => {
  test.each<[string, Given[]]>([
    ["nothing invokes", [WORK]],
    ["has an on-failure destination", [WORK, PERMISSION, eventInvokeConfig(ON_FAILURE)]],
    ["has a dead-letter queue", [{ ...WORK, madeOf: { deadLetterConfig: ["dead"] } }, DEAD, PERMISSION]],
    [
      "has a dead-letter queue by its ARN",
      [{ ...WORK, props: { ...WORK.props, deadLetterConfig: { targetArn: DEAD_ARN } } }, PERMISSION],
    ],
    ["an API invokes", [WORK, { ...PERMISSION, props: { principal: "apigateway.amazonaws.com" } }]],
    [
      "a mapping invokes",
      [
        WORK,
        {
          type: "aws:lambda/eventSourceMapping:EventSourceMapping",
          name: "m",
          props: {},
          madeOf: { functionName: ["work"] },
        },
      ],
    ],
  ])("passes a function that %s", async (_what, given) => {
    expect(await violations(given)).toEqual([]);
  });

  test.each(["events", "scheduler", "sns", "s3", "logs", "logs.eu-west-1", "ses", "iot", "config"])(
    "refuses a function that %s.amazonaws.com may invoke",
    async (service) => {
      const permission = { ...PERMISSION, props: { principal: `${service}.amazonaws.com` } };
      expect(await violations([WORK, permission])).toEqual(REFUSED);
    },
  );

  test.each<[string, Given]>([
    ["a rule", { type: "aws:cloudwatch/eventTarget:EventTarget", name: "t", props: { arn: ARN } }],
    ["a schedule", { type: "aws:scheduler/schedule:Schedule", name: "s", props: { target: { arn: ARN } } }],
    [
      "a topic",
      {
        type: "aws:sns/topicSubscription:TopicSubscription",
        name: "s",
        props: { protocol: "lambda" },
        madeOf: { endpoint: ["work"] },
      },
    ],
    [
      "a bucket",
      {
        type: "aws:s3/bucketNotification:BucketNotification",
        name: "n",
        props: { lambdaFunctions: [{ lambdaFunctionArn: ARN }] },
      },
    ],
    [
      "another function's outcome",
      {
        type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        name: "c",
        props: { functionName: "other", destinationConfig: { onSuccess: { destination: ARN } } },
      },
    ],
    [
      "a permission by its name",
      { ...PERMISSION, props: { ...PERMISSION.props, function: "work-1" }, madeOf: {} },
    ],
  ])("refuses a function that is invoked by %s", async (_what, invoker) => {
    expect(await violations([WORK, invoker])).toEqual(REFUSED);
  });

  test.each<[string, Given]>([
    ["without destinations", eventInvokeConfig({ maximumRetryAttempts: 2 })],
    [
      "with a destination of successes",
      eventInvokeConfig({ destinationConfig: { onSuccess: { destination: DEAD_ARN } } }),
    ],
    [
      "with an empty destination",
      eventInvokeConfig({ destinationConfig: { onFailure: { destination: "" } } }),
    ],
    ["of an alias that is not invoked", eventInvokeConfig({ ...ON_FAILURE, qualifier: "live" })],
    ["of another function", eventInvokeConfig(ON_FAILURE, "other")],
  ])("refuses a configuration %s", async (_what, config) => {
    const other = { ...WORK, name: "other", props: { arn: `${ARN}-other`, name: "other" } };
    expect(await violations([WORK, other, PERMISSION, config])).toEqual(REFUSED);
  });

  test("asks of an alias that is invoked for a configuration of that alias", async () => {
    const permission = { ...PERMISSION, madeOf: { function: ["work-live"] } };
    const given = [WORK, LIVE, permission];
    const found = await violations([...given, eventInvokeConfig(ON_FAILURE)]);
    expect(found).toEqual([expect.stringMatching(/^work-live: /)]);
    expect(await violations([...given, eventInvokeConfig({ ...ON_FAILURE, qualifier: "live" })])).toEqual([]);
  });

  test("names a function once, however many invoke it", async () => {
    expect(await violations([WORK, PERMISSION, { ...PERMISSION, name: "second" }])).toHaveLength(1);
  });

  test("takes other services from its configuration", async () => {
    expect(await violations([WORK, PERMISSION], { asynchronousServices: ["sns"] })).toEqual([]);
  });
});
