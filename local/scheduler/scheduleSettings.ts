import * as z from "zod";
import { parseArn } from "../aws/arn";
import { IRRELEVANT } from "../aws/hosting";
import { readInputs, readOutputs } from "../aws/properties";
import type { Resource } from "../aws/resource";

/** A schedule as the program defines it. */
export interface ScheduleSettings {
  readonly name: string;
  readonly arn: string;
  readonly groupName: string;
  readonly enabled: boolean;
  readonly intervalMs: number;
  /** The key that the input is encrypted with at rest; undefined for one of AWS's. */
  readonly keyArn: string | undefined;
  readonly functionArn: string;
  readonly roleArn: string;
  /** JSON text; undefined for the default notification. */
  readonly input: string | undefined;
  readonly deadLetterQueueArn: string | undefined;
  readonly maximumRetries: number;
  readonly maximumAgeMs: number;
}

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
/** "A value as a positive integer, and a unit" (EventBridge Scheduler API reference, CreateSchedule). */
const RATE = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/;

const isFunction = (text: string) =>
  /^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:\$LATEST)?$/.test(text);
const isQueue = (text: string) => text.startsWith("arn:") && parseArn(text).service === "sqs";

const retryPolicy = z.strictObject({
  maximumEventAgeInSeconds: z.number().int().min(60).max(86_400).default(86_400),
  maximumRetryAttempts: z.number().int().min(0).max(185).default(185),
});

const inputs = z.strictObject({
  region: z.string().optional(),
  name: z.string().optional(),
  namePrefix: z.string().optional(),
  groupName: z.string().default("default"),
  description: z.string().optional(),
  scheduleExpression: z
    .string()
    .regex(RATE, "only rate(value unit) is hosted, with minutes, hours or days: no cron, no at"),
  // A rate is the same in every time zone.
  scheduleExpressionTimezone: z.string().optional(),
  flexibleTimeWindow: z.strictObject({ mode: z.literal("OFF", "flexible time windows are not hosted") }),
  state: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
  kmsKeyArn: z.string().startsWith("arn:").optional(),
  target: z.strictObject({
    arn: z.string().refine(isFunction, "only the ARN of a Lambda function is hosted as a target"),
    roleArn: z.string(),
    input: z.string().refine(isJson, "the input of a Lambda function must be JSON").optional(),
    deadLetterConfig: z
      .strictObject({ arn: z.string().refine(isQueue, "must be the ARN of an SQS queue") })
      .optional(),
    retryPolicy: retryPolicy.default(retryPolicy.parse({})),
  }),
});
const outputs = z.object({ name: z.string(), arn: z.string() });

const groupInputs = z.strictObject({
  ...IRRELEVANT,
  name: z.string().optional(),
  namePrefix: z.string().optional(),
});

/** @throws Error that names the schedule and the property which cannot be hosted */
export function readSchedule(resource: Resource): ScheduleSettings {
  const { target, ...given } = readInputs(resource, inputs);
  const { name, arn } = readOutputs(resource, outputs);
  return {
    name,
    arn,
    groupName: given.groupName,
    enabled: given.state === "ENABLED",
    intervalMs: intervalMs(given.scheduleExpression),
    keyArn: given.kmsKeyArn,
    functionArn: target.arn,
    roleArn: target.roleArn,
    input: target.input,
    deadLetterQueueArn: target.deadLetterConfig?.arn,
    maximumRetries: target.retryPolicy.maximumRetryAttempts,
    maximumAgeMs: target.retryPolicy.maximumEventAgeInSeconds * 1000,
  };
}

/** @returns the name of a group of schedules */
export function readGroup(resource: Resource): string {
  readInputs(resource, groupInputs);
  return readOutputs(resource, outputs).name;
}

function intervalMs(rate: string): number {
  const [, value, unit] = RATE.exec(rate) ?? [];
  return Number(value) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
