import * as cloudwatch from "@pulumi/aws/cloudwatch";
import type { Policies, StackValidationPolicy } from "@pulumi/policy";
import { arnOf } from "./lib/arn";
import { deadLetterQueues } from "./lib/deadLetterQueues";
import { resourcesOf, type Typed } from "./lib/graph";

type Alarm = Typed<cloudwatch.MetricAlarm>["props"];

/** What of an alarm sees one metric: the alarm itself, or the one metric among its queries. */
interface Watched {
  readonly namespace?: string | undefined;
  readonly metricName?: string | undefined;
  readonly dimensions?: Readonly<Record<string, string>> | undefined;
  readonly period?: number | undefined;
  readonly statistic?: string | undefined;
  readonly unit?: string | undefined;
}

/** Statistics of which a number above 0 means that there was a message; `SampleCount` counts measurements. */
const STATISTICS = ["Average", "Maximum", "Minimum", "Sum"];

/**
 * The metric that SQS's guide uses: messages that are moved to a dead-letter queue do not count as sent to it
 * (SQS Developer Guide, "Creating alarms for dead-letter queues using Amazon CloudWatch").
 */
const deadLetterQueueAlarm: StackValidationPolicy = {
  name: "sqs-dead-letter-queue-alarm",
  description: "Somebody is told when a message arrives in a dead-letter queue.",
  configSchema: {
    properties: {
      maximumDelaySeconds: {
        type: "integer",
        default: 3_600,
        description: "How long a message may lie there before the alarm goes off, in seconds.",
      },
    },
  },
  validateStack: (stack, report) => {
    const { maximumDelaySeconds } = stack.getConfig<{ readonly maximumDelaySeconds: number }>();
    const alarms = resourcesOf(stack, cloudwatch.MetricAlarm);
    for (const queue of deadLetterQueues(stack)) {
      const { name, arn } = queue.props as { readonly name?: unknown; readonly arn?: unknown };
      const heard = alarms.some(
        ({ props }) => tellsOfMessagesIn(name, props, maximumDelaySeconds) && isInRegionOf(arn, props),
      );
      if (heard) continue;
      report(
        `Failure queue "${queue.name}" has no alarm: what ends there stays unknown until it expires. Add an ` +
          "aws.cloudwatch.MetricAlarm with alarmActions on the metric ApproximateNumberOfMessagesVisible of AWS/SQS, the " +
          `dimension QueueName, GreaterThanThreshold 0 (statistic Maximum), within ${maximumDelaySeconds} s.`,
        queue.urn,
      );
    }
  },
};

/** Nothing fails unnoticed. */
export const deadLetterAlarmPolicies: Policies = [deadLetterQueueAlarm];

function tellsOfMessagesIn(queueName: unknown, alarm: Alarm, maximumDelaySeconds: number): boolean {
  const { namespace, metricName, dimensions, period, statistic, unit } = watchedBy(alarm);
  return (
    tellsSomebody(alarm) &&
    metricName === "ApproximateNumberOfMessagesVisible" &&
    namespace === "AWS/SQS" &&
    STATISTICS.includes(statistic ?? "") &&
    // SQS counts messages: an alarm on another unit never has data (CloudWatch API Reference, `PutMetricAlarm`).
    (!unit || unit === "Count") &&
    goesOffAtOneMessage(alarm) &&
    // A period is needed; how many of them must show the fault, one after the other, is the delay.
    Number(period) * Number(alarm.datapointsToAlarm || alarm.evaluationPeriods) <= maximumDelaySeconds &&
    Object.keys(dimensions ?? {}).length === 1 &&
    dimensions?.["QueueName"] === queueName
  );
}

function tellsSomebody({ actionsEnabled, alarmActions }: Alarm): boolean {
  return actionsEnabled !== false && (alarmActions ?? []).some(Boolean);
}

/** An alarm sees the metrics of its own region. */
function isInRegionOf(queueArn: unknown, { region }: Alarm): boolean {
  return !region || region === arnOf(String(queueArn))?.region;
}

function goesOffAtOneMessage({ comparisonOperator, threshold }: Alarm): boolean {
  if (threshold === undefined) return false;
  if (comparisonOperator === "GreaterThanThreshold") return threshold >= 0 && threshold < 1;
  return comparisonOperator === "GreaterThanOrEqualToThreshold" && threshold > 0 && threshold <= 1;
}

/** An expression over metrics is not understood: it could hide one queue's messages behind another's. */
function watchedBy(alarm: Alarm): Watched {
  const [query, ...others] = alarm.metricQueries ?? [];
  if (query === undefined) return alarm;
  return others.length === 0 && query.metric ? { ...query.metric, statistic: query.metric.stat } : {};
}
