import * as z from "zod";
import { parseArn } from "../aws/arn";
import type { PolicyDocument } from "../aws/authorizer";
import { readResourcePolicy } from "../iam/resourcePolicy";
import { invalidAttributeName, invalidAttributeValue, invalidParameter, invalidValue } from "./errors";

/** The attributes that can be set, with the range of those that are whole numbers (SetQueueAttributes, API reference). */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  DelaySeconds: [0, 900],
  KmsDataKeyReusePeriodSeconds: [60, 86_400],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  VisibilityTimeout: [0, 43_200],
};
const BOOLEANS = ["SqsManagedSseEnabled"];
const TEXTS = ["KmsMasterKeyId", "Policy", "RedriveAllowPolicy", "RedrivePolicy"];
const FIFO_ONLY = ["ContentBasedDeduplication", "DeduplicationScope", "FifoQueue", "FifoThroughputLimit"];

const redrivePolicySchema = z.strictObject({
  deadLetterTargetArn: z.string(),
  maxReceiveCount: z.coerce.number().int().min(1).max(1000),
});
const redriveAllowPolicySchema = z.strictObject({
  redrivePermission: z.enum(["allowAll", "denyAll", "byQueue"]),
  sourceQueueArns: z.array(z.string()).min(1).max(10).optional(),
});

export type RedrivePolicy = z.infer<typeof redrivePolicySchema>;
export type RedriveAllowPolicy = z.infer<typeof redriveAllowPolicySchema>;

/** A queue's configuration. */
export interface QueueSettings {
  /** The attributes as they were set, and as GetQueueAttributes answers them. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly delayMs: number;
  readonly maximumMessageBytes: number;
  readonly retentionMs: number;
  readonly receiveWaitMs: number;
  readonly visibilityTimeoutMs: number;
  readonly kmsMasterKeyId: string | undefined;
  readonly policy: PolicyDocument | undefined;
  readonly redrivePolicy: RedrivePolicy | undefined;
  readonly redriveAllowPolicy: RedriveAllowPolicy | undefined;
}

/** What a queue has when its creator says nothing (CreateQueue, API reference). */
const DEFAULTS: Readonly<Record<string, string>> = {
  DelaySeconds: "0",
  MaximumMessageSize: "1048576",
  MessageRetentionPeriod: "345600",
  ReceiveMessageWaitTimeSeconds: "0",
  VisibilityTimeout: "30",
};

export const DEFAULT_SETTINGS: QueueSettings = interpret(DEFAULTS);

/**
 * The settings with some attributes changed; an empty text removes one.
 *
 * @throws AwsError `InvalidAttributeName` or `InvalidAttributeValue` that names the attribute
 */
export function withAttributes(
  settings: QueueSettings,
  changes: Readonly<Record<string, string>>,
): QueueSettings {
  for (const [name, value] of Object.entries(changes)) checkAttribute(name, value);
  const both = changes["SqsManagedSseEnabled"] === "true" && changes["KmsMasterKeyId"];
  if (both)
    throw invalidAttributeName(
      "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.",
    );
  const merged = Object.entries({ ...settings.attributes, ...changes });
  return interpret(Object.fromEntries(merged.filter(([, value]) => value !== "")));
}

/** Whether a queue with this policy may be the dead-letter queue of another (RedriveAllowPolicy, API reference). */
export function allowsSource(policy: RedriveAllowPolicy | undefined, sourceArn: string): boolean {
  if (policy === undefined || policy.redrivePermission === "allowAll") return true;
  return policy.redrivePermission === "byQueue" && (policy.sourceQueueArns ?? []).includes(sourceArn);
}

function checkAttribute(name: string, value: string): void {
  const range = Object.hasOwn(RANGES, name) ? RANGES[name] : undefined;
  if (range !== undefined) {
    const seconds = Number(value);
    if (!/^\d+$/.test(value) || seconds < range[0] || seconds > range[1])
      throw invalidAttributeValue(name, `Must be a whole number from ${range[0]} to ${range[1]}.`);
  } else if (BOOLEANS.includes(name)) {
    if (value !== "true" && value !== "false") throw invalidAttributeValue(name, "Must be true or false.");
  } else if (FIFO_ONLY.includes(name)) {
    throw invalidAttributeName(`Unknown Attribute ${name}: only standard queues are hosted.`);
  } else if (!TEXTS.includes(name)) {
    throw invalidAttributeName(`Unknown Attribute ${name}.`);
  }
}

function interpret(attributes: Readonly<Record<string, string>>): QueueSettings {
  const number = (name: string) => Number(attributes[name]);
  return {
    attributes,
    delayMs: number("DelaySeconds") * 1000,
    maximumMessageBytes: number("MaximumMessageSize"),
    retentionMs: number("MessageRetentionPeriod") * 1000,
    receiveWaitMs: number("ReceiveMessageWaitTimeSeconds") * 1000,
    visibilityTimeoutMs: number("VisibilityTimeout") * 1000,
    kmsMasterKeyId: attributes["KmsMasterKeyId"],
    policy: policyOf(attributes["Policy"]),
    redrivePolicy: redrivePolicyOf(attributes["RedrivePolicy"]),
    redriveAllowPolicy: redriveAllowPolicyOf(attributes["RedriveAllowPolicy"]),
  };
}

function policyOf(text: string | undefined): PolicyDocument | undefined {
  if (text === undefined) return undefined;
  try {
    return readResourcePolicy(json(text), "The queue's policy");
  } catch (error) {
    throw invalidAttributeValue("Policy", (error as Error).message);
  }
}

function redrivePolicyOf(text: string | undefined): RedrivePolicy | undefined {
  if (text === undefined) return undefined;
  const parsed = redrivePolicySchema.safeParse(json(text));
  if (!parsed.success)
    throw invalidValue(
      "RedrivePolicy",
      text,
      "Must be {deadLetterTargetArn, maxReceiveCount from 1 to 1000} in JSON.",
    );
  if (!isQueueArn(parsed.data.deadLetterTargetArn))
    throw invalidValue("RedrivePolicy", text, "Invalid value for deadLetterTargetArn.");
  return parsed.data;
}

function redriveAllowPolicyOf(text: string | undefined): RedriveAllowPolicy | undefined {
  if (text === undefined) return undefined;
  const parsed = redriveAllowPolicySchema.safeParse(json(text));
  if (!parsed.success)
    throw invalidValue("RedriveAllowPolicy", text, "Must be {redrivePermission, sourceQueueArns?} in JSON.");
  if ((parsed.data.redrivePermission === "byQueue") !== (parsed.data.sourceQueueArns !== undefined))
    throw invalidParameter(
      "RedriveAllowPolicy: sourceQueueArns goes with the permission byQueue, and only there.",
    );
  return parsed.data;
}

function isQueueArn(text: string): boolean {
  try {
    return parseArn(text).service === "sqs";
  } catch {
    return false;
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
