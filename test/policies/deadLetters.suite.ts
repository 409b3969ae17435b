import { deadLetterPolicies } from "../../policies/deadLetters";
import { check, type Given } from "./support/check";
import { arnOf, messageAlarm, queue, redrive, redriveText } from "./support/queues";

const WORK = queue("work");
const DEAD = queue("dead", { messageRetentionSeconds: 1_209_600 });
const GOOD = [WORK, DEAD, redrive("work", "dead")];

describe("sqs-queue-redrive-policy", () => {
  const violations = (given: Given[]) => check(deadLetterPolicies, "sqs-queue-redrive-policy", given);
  const refused = (name: string) => [
    expect.stringMatching(
      new RegExp(`^${name}: Queue "${name}" has no redrive policy.*Add an aws.sqs.RedrivePolicy`),
    ),
  ];

  test("passes a queue with a redrive policy, and its dead-letter queue without one", async () => {
    expect(await violations(GOOD)).toEqual([]);
  });

  test("passes a queue whose redrive policy is its own property", async () => {
    const redrivePolicy = redriveText("dead");
    expect(await violations([queue("work", { redrivePolicy }), DEAD])).toEqual([]);
  });

  test("passes a redrive policy that was written out", async () => {
    expect(await violations([WORK, DEAD, { ...redrive("work", "dead"), madeOf: {} }])).toEqual([]);
  });

  test.each<[string, Given]>([
    [
      "a subscription",
      {
        type: "aws:sns/topicSubscription:TopicSubscription",
        name: "s",
        props: { redrivePolicy: redriveText("dead") },
      },
    ],
    [
      "a stream mapping",
      {
        type: "aws:lambda/eventSourceMapping:EventSourceMapping",
        name: "m",
        props: { destinationConfig: { onFailure: { destinationArn: arnOf("dead") } } },
      },
    ],
    [
      "a function",
      {
        type: "aws:lambda/function:Function",
        name: "f",
        props: { deadLetterConfig: { targetArn: arnOf("dead") } },
      },
    ],
    [
      "an event bus",
      {
        type: "aws:cloudwatch/eventBus:EventBus",
        name: "b",
        props: { deadLetterConfig: { arn: arnOf("dead") } },
      },
    ],
    [
      "asynchronous invocations",
      {
        type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        name: "c",
        props: { destinationConfig: { onFailure: { destination: arnOf("dead") } } },
      },
    ],
    [
      "a schedule",
      {
        type: "aws:scheduler/schedule:Schedule",
        name: "s",
        props: { target: { arn: "x", deadLetterConfig: { arn: arnOf("dead") } } },
      },
    ],
    [
      "a rule's target",
      {
        type: "aws:cloudwatch/eventTarget:EventTarget",
        name: "t",
        props: { deadLetterConfig: { arn: arnOf("dead") } },
      },
    ],
    [
      "a pipe",
      {
        type: "aws:pipes/pipe:Pipe",
        name: "p",
        props: {
          sourceParameters: { kinesisStreamParameters: { deadLetterConfig: { arn: arnOf("dead") } } },
        },
      },
    ],
  ])("passes the failure queue of %s", async (_what, sender) => {
    expect(await violations([DEAD, sender])).toEqual([]);
  });

  test("tells in a preview what the dependencies tell, without a value that is not known yet", async () => {
    const unknown = (given: Given): Given => ({
      ...given,
      props: new Proxy(
        {},
        {
          get: (_props, property) => {
            throw new Error(`${String(property)} is not known yet`);
          },
        },
      ),
    });
    expect(await violations(GOOD.map(unknown))).toEqual([]);
  });

  test("passes a queue that people look into: an alarm tells them of each message, and nothing works it off", async () => {
    expect(await violations([queue("given-up", { name: "given-up" }), messageAlarm("given-up")])).toEqual([]);
  });

  test("refuses such a queue when a function works it off after all", async () => {
    const mapping = {
      type: "aws:lambda/eventSourceMapping:EventSourceMapping",
      name: "m",
      props: { eventSourceArn: arnOf("given-up") },
    };
    const given = [queue("given-up", { name: "given-up" }), messageAlarm("given-up"), mapping];
    expect(await violations(given)).toEqual(refused("given-up"));
  });

  test("refuses each queue that nothing redrives, whatever it is called", async () => {
    expect(await violations([...GOOD, queue("dead-letters")])).toEqual(refused("dead-letters"));
  });

  test("refuses a queue whose name begins that of a dead-letter queue", async () => {
    const given = [queue("work-dead"), queue("work-dead-letters"), queue("a")];
    const written = { ...redrive("a", "work-dead-letters"), madeOf: {} };
    expect(await violations([...given, written])).toEqual(refused("work-dead"));
  });

  test.each<[string, Given]>([
    [
      "a function works off",
      {
        type: "aws:lambda/eventSourceMapping:EventSourceMapping",
        name: "m",
        props: {},
        madeOf: { eventSourceArn: ["dead"] },
      },
    ],
    ["a pipe works off", { type: "aws:pipes/pipe:Pipe", name: "p", props: { source: arnOf("dead") } }],
    [
      "a topic delivers to",
      {
        type: "aws:sns/topicSubscription:TopicSubscription",
        name: "s",
        props: {},
        madeOf: { endpoint: ["dead"] },
      },
    ],
  ])("refuses a dead-letter queue that %s: it has failures of its own", async (_what, use) => {
    expect(await violations([...GOOD, use])).toEqual(refused("dead"));
  });

  test.each<[string, Given]>([
    [
      "a target of a schedule",
      { type: "aws:scheduler/schedule:Schedule", name: "s", props: { target: { arn: arnOf("work") } } },
    ],
    [
      "a destination of successes",
      {
        type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        name: "c",
        props: { destinationConfig: { onSuccess: { destination: arnOf("work") } } },
      },
    ],
  ])("refuses a queue that is %s", async (_what, sender) => {
    expect(await violations([WORK, sender])).toEqual(refused("work"));
  });
});
