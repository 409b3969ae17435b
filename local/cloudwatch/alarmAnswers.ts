import type { AwsDocument } from "../aws/api";
import { parseArn } from "../aws/arn";
import type { Alarm, Transition } from "./alarm";
import type { MetricId } from "./metricStore";

/** An alarm as `DescribeAlarms` answers it; times are seconds since the epoch. */
export function describeAlarm({ settings, state, reason, changedAt, createdAt }: Alarm): AwsDocument {
  const { metric, actions, description } = settings;
  return {
    AlarmName: settings.name,
    AlarmArn: settings.arn,
    ...(description !== undefined && { AlarmDescription: description }),
    AlarmConfigurationUpdatedTimestamp: createdAt / 1_000,
    ActionsEnabled: settings.actionsEnabled,
    OKActions: actions.OK,
    AlarmActions: actions.ALARM,
    InsufficientDataActions: actions.INSUFFICIENT_DATA,
    StateValue: state,
    StateReason: reason,
    StateUpdatedTimestamp: changedAt / 1_000,
    StateTransitionedTimestamp: changedAt / 1_000,
    MetricName: metric.name,
    Namespace: metric.namespace,
    Statistic: settings.statistic,
    Dimensions: dimensionList(metric),
    Period: settings.periodMs / 1_000,
    EvaluationPeriods: settings.evaluationPeriods,
    DatapointsToAlarm: settings.datapointsToAlarm,
    Threshold: settings.threshold,
    ComparisonOperator: settings.comparison,
    TreatMissingData: settings.treatMissingData,
  };
}

export function dimensionList({ dimensions }: MetricId): AwsDocument[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}

/** The longest subject of a notification (SNS API Reference, Publish). */
const SUBJECT_LENGTH = 100;

/**
 * What an alarm publishes to its topics (CloudWatch User Guide, "Using Amazon CloudWatch alarms", and messages that AWS
 * shows in its examples).
 */
export function notification(alarm: Alarm, { from, to, reason, at }: Transition): AwsDocument {
  const { settings, createdAt } = alarm;
  const { account, region } = parseArn(settings.arn);
  const { metric, actions } = settings;
  return {
    Subject: `${to}: "${settings.name}" in ${region}`.slice(0, SUBJECT_LENGTH),
    Message: JSON.stringify({
      AlarmName: settings.name,
      AlarmDescription: settings.description ?? null,
      AWSAccountId: account,
      AlarmConfigurationUpdatedTimestamp: new Date(createdAt).toISOString(),
      NewStateValue: to,
      NewStateReason: reason,
      StateChangeTime: new Date(at).toISOString(),
      Region: region,
      AlarmArn: settings.arn,
      OldStateValue: from,
      OKActions: actions.OK,
      AlarmActions: actions.ALARM,
      InsufficientDataActions: actions.INSUFFICIENT_DATA,
      Trigger: {
        MetricName: metric.name,
        Namespace: metric.namespace,
        StatisticType: "Statistic",
        Statistic: settings.statistic.toUpperCase(),
        Unit: null,
        Dimensions: Object.entries(metric.dimensions).map(([name, value]) => ({ value, name })),
        Period: settings.periodMs / 1_000,
        EvaluationPeriods: settings.evaluationPeriods,
        DatapointsToAlarm: settings.datapointsToAlarm,
        ComparisonOperator: settings.comparison,
        Threshold: settings.threshold,
        TreatMissingData: settings.treatMissingData,
      },
    }),
  };
}
