import type { RawResource } from "../../local/engine/recorded";
import { removing, setting, without, type MutationRule } from "./mutation";

const POLICY = "sqs-dead-letter-queue-alarm";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

/** The alarms of failure queues; other alarms may go without these policies' noticing. */
const onMessages = ({ inputs }: RawResource) => inputs["metricName"] === "ApproximateNumberOfMessagesVisible";

/** What makes an alarm one that nobody hears, or of something else. */
const WRONG: Readonly<Record<string, readonly unknown[]>> = {
  alarmActions: [[], [""]],
  actionsEnabled: [false],
  namespace: ["SQS"],
  metricName: ["NumberOfMessagesSent", "ApproximateNumberOfMessagesNotVisible"],
  dimensions: [{}, { QueueName: "another" }],
  "dimensions.Stage": ["prod"],
  comparisonOperator: ["LessThanThreshold", "LessThanOrEqualToThreshold"],
  threshold: [-1, 5],
  statistic: ["SampleCount"],
  period: [86_400],
  datapointsToAlarm: [10_000],
  unit: ["Seconds"],
  region: ["us-east-1"],
};

export const deadLetterAlarmMutations: readonly MutationRule[] = [
  removing(POLICY, ALARM, onMessages),
  ...["alarmActions", "dimensions", "metricName", "namespace", "statistic", "threshold", "period"].map(
    (property) => without(POLICY, ALARM, property, onMessages),
  ),
  ...Object.entries(WRONG).map(([property, values]) => setting(POLICY, ALARM, property, values, onMessages)),
];
