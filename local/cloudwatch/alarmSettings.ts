import * as z from "zod";
import { readInputs, readOutputs } from "../aws/properties";
import type { Resource } from "../aws/resource";
import type { MetricId } from "./metricStore";
import { STATISTICS, type Statistic } from "./statistics";

export const STATES = ["OK", "ALARM", "INSUFFICIENT_DATA"] as const;
export type AlarmState = (typeof STATES)[number];

const COMPARISONS = {
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
};
type Comparison = keyof typeof COMPARISONS;

/** An alarm on one metric, as the program defines it. */
export interface AlarmSettings {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly metric: MetricId;
  readonly statistic: Statistic;
  readonly periodMs: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: Comparison;
  readonly treatMissingData: "breaching" | "notBreaching" | "ignore" | "missing";
  readonly actionsEnabled: boolean;
  /** ARNs of topics, by the state that an alarm comes to. */
  readonly actions: Readonly<Record<AlarmState, readonly string[]>>;
}

const topics = z
  .array(z.string().startsWith("arn:aws:sns:", "only topics are told here: an alarm action is an SNS topic"))
  .default([]);

const INPUTS = z.strictObject({
  name: z.string().optional(),
  namePrefix: z.string().optional(),
  alarmDescription: z.string().max(1_024).optional(),
  namespace: z.string(),
  metricName: z.string(),
  dimensions: z.record(z.string(), z.string()).default({}),
  statistic: z.enum(STATISTICS),
  period: z.int().multipleOf(60, "only whole minutes are evaluated here: make it a multiple of 60"),
  evaluationPeriods: z.int().min(1),
  datapointsToAlarm: z.int().min(1).optional(),
  threshold: z.number(),
  comparisonOperator: z.enum(Object.keys(COMPARISONS) as [Comparison, ...Comparison[]]),
  treatMissingData: z.enum(["breaching", "notBreaching", "ignore", "missing"]).default("missing"),
  actionsEnabled: z.boolean().default(true),
  alarmActions: topics,
  okActions: topics,
  insufficientDataActions: topics,
  region: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  tagsAll: z.record(z.string(), z.string()).optional(),
});

const OUTPUTS = z.object({ name: z.string(), arn: z.string() });

/** @throws Error that names the alarm and what AWS would refuse or is not hosted here */
export function readAlarm(resource: Resource): AlarmSettings {
  const inputs = readInputs(resource, INPUTS);
  const { evaluationPeriods, datapointsToAlarm = evaluationPeriods, namespace } = inputs;
  if (datapointsToAlarm > evaluationPeriods)
    throw new Error(
      `The alarm "${resource.name}" can never be on: datapointsToAlarm (${datapointsToAlarm}) must not exceed evaluationPeriods (${evaluationPeriods}).`,
    );
  return {
    ...readOutputs(resource, OUTPUTS),
    description: inputs.alarmDescription,
    metric: { namespace, name: inputs.metricName, dimensions: inputs.dimensions },
    statistic: inputs.statistic,
    periodMs: inputs.period * 1_000,
    evaluationPeriods,
    datapointsToAlarm,
    threshold: inputs.threshold,
    comparison: inputs.comparisonOperator,
    // CloudWatch API Reference, PutMetricAlarm, TreatMissingData.
    treatMissingData: namespace === "AWS/DynamoDB" ? "ignore" : inputs.treatMissingData,
    actionsEnabled: inputs.actionsEnabled,
    actions: {
      ALARM: inputs.alarmActions,
      OK: inputs.okActions,
      INSUFFICIENT_DATA: inputs.insufficientDataActions,
    },
  };
}

/** Whether a value is one that the alarm watches for. */
export function isBreaching({ comparison, threshold }: AlarmSettings, value: number): boolean {
  return COMPARISONS[comparison](value, threshold);
}
