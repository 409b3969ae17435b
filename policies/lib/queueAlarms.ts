import * as cloudwatch from "@pulumi/aws/cloudwatch";
import type { PolicyResource } from "@pulumi/policy";
import { arnOf } from "./arn";
import { resourcesOf, type Stack, type Typed } from "./graph";

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
 * Whether somebody is told of one message in a queue. The metric is the one that SQS's guide uses: messages that are moved
 * to a dead-letter queue do not count as sent to it (SQS Developer Guide, "Creating alarms for dead-letter queues using
 * Amazon CloudWatch").
 *
 * @param maximumDelaySeconds how long the message may lie there before
 */
export function hasMessageAlarm(stack: Stack, queue: PolicyResource, maximumDelaySeconds: number): boolean {
  const { name, arn } = queue.props as { readonly name?: unknown; readonly arn?: unknown };
  return resourcesOf(stack, cloudwatch.MetricAlarm).some(
    ({ props }) => tellsOfMessagesIn(name, props, maximumDelaySeconds) && isInRegionOf(arn, props),
  );
}

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
