import { deadLetterAlarmPolicies } from "../../policies/deadLetterAlarms";
import { check, type Given } from "./support/check";
import { onFirstMessage } from "./support/queues";

const DEAD: Given = {
  type: "aws:sqs/queue:Queue",
  name: "dead",
  props: { arn: "arn:aws:sqs:eu-west-1:123456789012:dead-1", name: "dead-1" },
};
const REDRIVE: Given = {
  type: "aws:sqs/redrivePolicy:RedrivePolicy",
  name: "redrive",
  props: {},
  madeOf: { redrivePolicy: ["dead"] },
};
const ALARM = onFirstMessage("dead-1");
const METRIC = {
  namespace: ALARM.namespace,
  metricName: ALARM.metricName,
  dimensions: ALARM.dimensions,
  stat: "Maximum",
  period: 60,
};
const ON_METRIC = {
  metricQueries: [{ id: "m", metric: METRIC, returnData: true }],
  evaluationPeriods: 1,
  comparisonOperator: "GreaterThanThreshold",
  threshold: 0,
  alarmActions: ALARM.alarmActions,
};

function violations(props: Given["props"], config = {}): Promise<string[]> {
  const alarm = { type: "aws:cloudwatch/metricAlarm:MetricAlarm", name: "alarm", props };
  return check(deadLetterAlarmPolicies, "sqs-dead-letter-queue-alarm", [DEAD, REDRIVE, alarm], { config });
}

describe("sqs-dead-letter-queue-alarm", () => {
  test.each([
    ["more than none", {}],
    ["one or more", { comparisonOperator: "GreaterThanOrEqualToThreshold", threshold: 1 }],
    ["its unit and its region", { unit: "Count", region: "eu-west-1" }],
    ["actions that are enabled expressly", { actionsEnabled: true }],
    ["one of five minutes", { evaluationPeriods: 5, datapointsToAlarm: 1, period: 900 }],
  ])("passes an alarm on %s", async (_what, change) => {
    expect(await violations({ ...ALARM, ...change })).toEqual([]);
  });

  test("passes an alarm whose one query is the metric", async () => {
    expect(await violations(ON_METRIC)).toEqual([]);
  });

  test.each<[string, Given["props"]]>([
    ["without actions", { alarmActions: undefined }],
    ["with an empty list of actions", { alarmActions: [] }],
    ["with an action that is empty", { alarmActions: [""] }],
    ["with actions for the return to normal only", { alarmActions: [], okActions: ALARM.alarmActions }],
    ["with actions disabled", { actionsEnabled: false }],
    ["on another queue", { dimensions: { QueueName: "dead-2" } }],
    ["on no queue", { dimensions: {} }],
    ["on a metric that does not exist", { dimensions: { QueueName: "dead-1", Stage: "prod" } }],
    ["on messages sent, which do not count redriven ones", { metricName: "NumberOfMessagesSent" }],
    ["on messages in flight", { metricName: "ApproximateNumberOfMessagesNotVisible" }],
    ["on another namespace", { namespace: "SQS" }],
    ["that waits for two messages", { threshold: 1 }],
    ["that always goes off", { comparisonOperator: "GreaterThanOrEqualToThreshold", threshold: 0 }],
    ["that always goes off, below nothing", { threshold: -1 }],
    ["that goes off when there are none", { comparisonOperator: "LessThanThreshold", threshold: 1 }],
    ["that counts measurements", { statistic: "SampleCount" }],
    ["without a statistic", { statistic: undefined }],
    ["on a unit that the metric does not have", { unit: "Seconds" }],
    ["in another region", { region: "us-east-1" }],
    ["without a threshold", { threshold: undefined }],
    ["without a period", { period: undefined }],
    ["that waits a day", { period: 86_400 }],
    ["that waits for a day of periods", { period: 3_600, evaluationPeriods: 24 }],
  ])("refuses an alarm %s", async (_what, change) => {
    expect(await violations({ ...ALARM, ...change })).toEqual([
      expect.stringMatching(/^dead: Failure queue "dead" has no alarm.*Add an aws.cloudwatch.MetricAlarm/),
    ]);
  });

  test.each<[string, readonly object[]]>([
    ["on another unit", [{ id: "m", metric: { ...METRIC, unit: "Bytes" } }]],
    ["of another queue", [{ id: "m", metric: { ...METRIC, dimensions: { QueueName: "dead-2" } } }]],
    [
      "behind an expression",
      [
        { id: "m", metric: METRIC },
        { id: "e", expression: "m * 0", returnData: true },
      ],
    ],
    ["that is an expression alone", [{ id: "e", expression: "TIME_SERIES(0)", returnData: true }]],
  ])("refuses an alarm with a query %s", async (_what, metricQueries) => {
    expect(await violations({ ...ON_METRIC, metricQueries })).toHaveLength(1);
  });

  test("refuses a queue without any alarm, and leaves queues in peace that are no dead-letter queues", async () => {
    const work = { ...DEAD, name: "work", props: { name: "work-1", arn: "arn:aws:sqs:eu-west-1:1:work-1" } };
    const found = await check(deadLetterAlarmPolicies, "sqs-dead-letter-queue-alarm", [work, DEAD, REDRIVE]);
    expect(found).toEqual([expect.stringMatching(/^dead: /)]);
  });

  test("takes a longer delay from its configuration", async () => {
    expect(await violations({ ...ALARM, period: 86_400 }, { maximumDelaySeconds: 86_400 })).toEqual([]);
  });
});
