import type { RawResource } from "../../local/engine/recorded";
import { removing, setting, without, type MutationRule, type Which } from "./mutation";
import { takesFailures } from "./resources";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

/** The alarms of failure queues; other alarms may go without these policies' noticing. */
const isOnMessages = ({ inputs }: RawResource) =>
  inputs["metricName"] === "ApproximateNumberOfMessagesVisible";

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
  ...mutationsOf("sqs-dead-letter-queue-alarm", true),
  // The alarm is what makes it a queue that people look into.
  ...mutationsOf("sqs-queue-redrive-policy", false),
];

/** @param ofFailures the alarms of queues to which other resources send their failures, or those of the others */
function mutationsOf(policy: string, ofFailures: boolean): readonly MutationRule[] {
  const among = (ruleFor: (which: Which) => MutationRule): MutationRule => {
    return (graph) =>
      ruleFor((alarm) => isOnMessages(alarm) && takesFailures(graph, queueOf(alarm)) === ofFailures)(graph);
  };
  return [
    among((which) => removing(policy, ALARM, which)),
    ...["alarmActions", "dimensions", "metricName", "namespace", "statistic", "threshold", "period"].map(
      (property) => among((which) => without(policy, ALARM, property, which)),
    ),
    ...Object.entries(WRONG).map(([property, values]) =>
      among((which) => setting(policy, ALARM, property, values, which)),
    ),
  ];
}

function queueOf({ inputs }: RawResource): unknown {
  return (inputs["dimensions"] as { readonly QueueName?: unknown } | undefined)?.QueueName;
}
