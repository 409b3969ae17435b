import { DescribeAlarmsCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { ADMINISTRATOR } from "../../local/aws/caller";
import { AwsError } from "../../local/aws/error";
import { CloudWatch } from "../../local/cloudwatch/cloudWatch";
import { MetricStore } from "../../local/cloudwatch/metricStore";
import { Clock } from "../../local/clock";
import { waitFor } from "../support/waitFor";
import { allowAll } from "./support/authorizer";
import { alarm, alarmArn, CloudWatchFixture } from "./support/cloudWatch";
import { queue, queueUrl, subscription, topic, topicArn } from "./support/messaging";
import { host } from "./support/resource";

let run: CloudWatchFixture;
afterEach(() => run.stop());

const TOPIC = [topic("events"), queue("told"), subscription("told", { rawMessageDelivery: true })];
const start = async (...alarms: Parameters<typeof alarm>[]) =>
  (run = await CloudWatchFixture.start([
    ...TOPIC,
    queue("dead"),
    ...alarms.map((inputs) => alarm(...inputs)),
  ]));
const state = async (name: string) => (await run.alarm(name)).StateValue;

interface Notification {
  readonly AlarmName: string;
  readonly NewStateValue: string;
  readonly OldStateValue: string;
}

/** What the topic has been told since the last look. */
async function told(count: number): Promise<readonly Notification[]> {
  const bodies: string[] = [];
  await waitFor(async () => {
    // Hidden for the rest of the test, whatever minutes pass.
    const received = await run.messaging.receive("told", { VisibilityTimeout: 43_200 });
    bodies.push(...received.map(({ Body }) => Body));
    return bodies.length >= count;
  });
  return bodies.map((body) => JSON.parse(body) as Notification);
}

describe("an alarm on a dead-letter queue", () => {
  it("knows nothing before its first minute, and is OK after it", async () => {
    await start(["dead-letters"]);
    expect(await state("dead-letters")).toBe("INSUFFICIENT_DATA");
    await run.minutes();
    expect(await state("dead-letters")).toBe("OK");
  });

  it("is on in the minute after a message came, and says so on its topic", async () => {
    await start(["dead-letters"]);
    await run.minutes();
    await told(1);
    await run.messaging.send("dead", "lost");
    await run.minutes();
    expect(await state("dead-letters")).toBe("ALARM");
    expect(await told(1)).toEqual([
      expect.objectContaining({
        AlarmName: "dead-letters",
        AlarmDescription: "Messages wait.",
        AlarmArn: alarmArn("dead-letters"),
        NewStateValue: "ALARM",
        OldStateValue: "OK",
        Trigger: expect.objectContaining({
          MetricName: "ApproximateNumberOfMessagesVisible",
          Dimensions: [{ name: "QueueName", value: "dead" }],
          Threshold: 0,
        }) as unknown,
      }),
    ]);
  });

  it("is over once the queue is empty, and says that too", async () => {
    await start(["dead-letters"]);
    await run.messaging.send("dead", "lost");
    await run.minutes();
    await run.messaging.sqs.call("PurgeQueue", { QueueUrl: queueUrl("dead") }, ADMINISTRATOR);
    await run.minutes();
    expect(await state("dead-letters")).toBe("OK");
    expect((await told(2)).map(({ NewStateValue }) => NewStateValue)).toEqual(["ALARM", "OK"]);
  });

  it("tells nobody while it stays as it is", async () => {
    await start(["dead-letters"]);
    await run.minutes();
    await told(1);
    await run.minutes(3);
    expect(await run.messaging.bodies("told")).toEqual([]);
  });

  it("tells nobody when its actions are switched off", async () => {
    await start(["silent", { actionsEnabled: false }], ["loud"]);
    await run.minutes();
    expect((await told(1)).map(({ AlarmName }) => AlarmName)).toEqual(["loud"]);
  });
});

it("an alarm that takes three minutes of five ignores two bad ones", async () => {
  await start(["lasting", { evaluationPeriods: 5, datapointsToAlarm: 3 }]);
  await run.messaging.send("dead", "lost");
  await run.minutes(2);
  expect(await state("lasting")).not.toBe("ALARM");
  await run.minutes();
  expect(await state("lasting")).toBe("ALARM");
});

it("an alarm on the age of the oldest message is on when nobody has taken it for long", async () => {
  await start(["old", { metricName: "ApproximateAgeOfOldestMessage", threshold: 120 }]);
  await run.messaging.send("dead", "waits");
  await run.minutes(2);
  expect(await state("old")).toBe("OK");
  await run.minutes();
  expect(await state("old")).toBe("ALARM");
});

it("an alarm whose topic refuses it is reported, and evaluated all the same", async () => {
  const faults: unknown[] = [];
  const clock = new Clock();
  const cloudWatch = new CloudWatch({
    clock,
    iam: allowAll,
    metrics: new MetricStore(clock),
    sns: { call: () => Promise.reject(new AwsError("AuthorizationError", "no", 403)) },
    measure: () => undefined,
    onFault: (error) => faults.push(error),
  });
  await host(cloudWatch, alarm("unheard"));
  cloudWatch.start();
  clock.advance(60_000);
  await cloudWatch.stop();
  clock.stop();
  expect(String(faults[0])).toContain(`The alarm unheard could not tell ${topicArn("events")}.`);
  const { MetricAlarms } = await cloudWatch.call("DescribeAlarms", {}, ADMINISTRATOR);
  expect(MetricAlarms).toMatchObject([{ StateValue: "OK" }]);
  await start();
});

describe("an operator's tool", () => {
  it("lists the alarms by name, a page at a time", async () => {
    await start(["c"], ["a"], ["b"]);
    const page = (NextToken?: string) =>
      run.client.send(new DescribeAlarmsCommand({ MaxRecords: 2, ...(NextToken && { NextToken }) }));
    const first = await page();
    const second = await page(first.NextToken);
    const names = [...(first.MetricAlarms ?? []), ...(second.MetricAlarms ?? [])].map((one) => one.AlarmName);
    expect([names, second.NextToken]).toEqual([["a", "b", "c"], undefined]);
  });

  it("finds those that are on", async () => {
    await start(["on"], ["off", { threshold: 10 }]);
    await run.messaging.send("dead", "lost");
    await run.minutes();
    const { MetricAlarms = [] } = await run.client.send(new DescribeAlarmsCommand({ StateValue: "ALARM" }));
    expect(MetricAlarms.map(({ AlarmName }) => AlarmName)).toEqual(["on"]);
  });

  it("reads an alarm as the program defines it, since when it is in its state, and why", async () => {
    await start(["dead-letters"]);
    await run.messaging.send("dead", "lost");
    await run.minutes();
    const { messaging } = run;
    expect(await run.alarm("dead-letters")).toMatchObject({
      AlarmArn: alarmArn("dead-letters"),
      Namespace: "AWS/SQS",
      Dimensions: [{ Name: "QueueName", Value: "dead" }],
      Statistic: "Maximum",
      Period: 60,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      TreatMissingData: "notBreaching",
      AlarmActions: [topicArn("events")],
      StateReason: "Threshold Crossed: 1 of the last 1 datapoints [1] met GreaterThanThreshold 0.",
      StateUpdatedTimestamp: new Date(messaging.clock.now() - (messaging.clock.now() % 60_000)),
    });
  });

  it("sets an alarm off to try it, until the next minute", async () => {
    await start(["dead-letters"]);
    await run.minutes();
    await told(1);
    const input = { AlarmName: "dead-letters", StateValue: "ALARM", StateReason: "a drill" } as const;
    await run.client.send(new SetAlarmStateCommand(input));
    expect(await run.alarm("dead-letters")).toMatchObject({ StateValue: "ALARM", StateReason: "a drill" });
    expect(await told(1)).toMatchObject([{ NewStateValue: "ALARM", NewStateReason: "a drill" }]);
    await run.minutes();
    expect(await state("dead-letters")).toBe("OK");
  });

  it("is told that there is no such alarm", async () => {
    await start();
    const input = { AlarmName: "none", StateValue: "OK", StateReason: "" } as const;
    await expect(run.client.send(new SetAlarmStateCommand(input))).rejects.toMatchObject({
      name: "ResourceNotFound",
    });
  });

  it("needs permission", async () => {
    const denied = () => {
      throw new AwsError("AccessDeniedException", "no", 403);
    };
    run = await CloudWatchFixture.start([], { authorize: denied });
    await expect(run.client.send(new DescribeAlarmsCommand({}))).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
  });
});

describe("an alarm of the program is refused", () => {
  beforeEach(() => start());

  it.each([
    ["on an expression", { metricQueries: [{ id: "m" }] }, 'Unrecognized key: "metricQueries"'],
    ["by the second", { period: 10 }, "period"],
    ["on a percentile", { extendedStatistic: "p99" }, "extendedStatistic"],
    [
      "with an action that is no topic",
      { alarmActions: ["arn:aws:lambda:x"] },
      "an alarm action is an SNS topic",
    ],
    ["that can never be on", { evaluationPeriods: 2, datapointsToAlarm: 3 }, "can never be on"],
  ])("when it is %s", async (_what, inputs, message) => {
    const clock = new Clock();
    const cloudWatch = new CloudWatch({
      clock,
      iam: allowAll,
      metrics: new MetricStore(clock),
      sns: run.messaging.sns,
      measure: () => undefined,
      onFault: () => undefined,
    });
    await expect(host(cloudWatch, alarm("bad", inputs))).rejects.toThrow(message);
  });
});
