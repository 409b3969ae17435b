import * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as pulumi from "@pulumi/pulumi";
import type { AlarmTopic } from "./alarmTopic";

/** Headings of `docs/operations.md`, as its anchors: what to do about an alarm. */
export type Runbook =
  | "api-server-errors"
  | "orders-rejected"
  | "order-queue-falls-behind"
  | "dead-letters"
  | "function-errors"
  | "function-throttles"
  | "stream-falls-behind"
  | "executions-failed"
  | "executions-timed-out"
  | "notifications-failed"
  | "notifications-lost"
  | "downstream-queue-not-read"
  | "orders-undelivered";

/** Which minutes raise an alarm. */
export interface AlarmWindow {
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
}

/** For what should never be: the first minute that shows it. */
export const AT_ONCE: AlarmWindow = { evaluationPeriods: 1, datapointsToAlarm: 1 };

/** For what the hop itself tries again: three minutes of five, so that one fault that is over wakes nobody. */
export const LASTING: AlarmWindow = { evaluationPeriods: 5, datapointsToAlarm: 3 };

/** For what is reported every five minutes: from one bad report to the next without a gap, which would tell each time. */
export const BETWEEN_REPORTS: AlarmWindow = { evaluationPeriods: 10, datapointsToAlarm: 1 };

/** One metric of CloudWatch. */
export interface Metric {
  /** Such as `AWS/SQS`. */
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, pulumi.Input<string>>>;
}

export interface AlarmArgs {
  readonly alarms: AlarmTopic;
  readonly metric: Metric;
  /** Of the values that a minute has. */
  readonly statistic: "Average" | "Maximum" | "Sum";
  /** In the metric's own unit; a minute is bad when it is more than this. */
  readonly above: number;
  readonly window: AlarmWindow;
  /** One sentence for whoever is told. */
  readonly meaning: string;
  readonly runbook: Runbook;
}

/** For a count that stays at nothing unless retries are used up: every one of them is told, at once. */
export function anyOf(args: Pick<AlarmArgs, "alarms" | "metric" | "meaning" | "runbook">): AlarmArgs {
  return { ...args, statistic: "Sum", above: 0, window: AT_ONCE };
}

/**
 * An alarm that tells the stack's alarm topic when it begins and when it is over. Metrics have no values while nothing
 * happens, which is no fault.
 */
export function alarm(
  name: string,
  { alarms, metric, statistic, above, window, meaning, runbook }: AlarmArgs,
  opts: pulumi.ResourceOptions,
): cloudwatch.MetricAlarm {
  const created = new cloudwatch.MetricAlarm(
    name,
    {
      alarmDescription: `${meaning} Runbook: docs/operations.md#${runbook}`,
      namespace: metric.namespace,
      metricName: metric.name,
      dimensions: metric.dimensions,
      statistic,
      period: 60,
      comparisonOperator: "GreaterThanThreshold",
      threshold: above,
      ...window,
      treatMissingData: "notBreaching",
      alarmActions: [alarms.arn],
      okActions: [alarms.arn],
    },
    opts,
  );
  alarms.alarmArns.push(created.arn);
  return created;
}
