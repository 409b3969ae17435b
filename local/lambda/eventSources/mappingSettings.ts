import * as z from "zod";
import { parseArn } from "../../aws/arn";
import { readInputs } from "../../aws/properties";
import type { Resource } from "../../aws/resource";
import { compileFilters, type Filter } from "./filterCriteria";

interface CommonSettings {
  /** Stable from one run to the next: what the mapping has read is remembered under it. */
  readonly id: string;
  readonly sourceArn: string;
  /** The function's name or ARN. */
  readonly functionName: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  readonly reportsItems: boolean;
  /** `undefined` when every record is for the function. */
  readonly filter: Filter | undefined;
}

/** A mapping of an SQS queue. */
export interface QueueMappingSettings extends CommonSettings {
  readonly kind: "queue";
  readonly maximumConcurrency: number;
}

/** A mapping of a DynamoDB stream. */
export interface StreamMappingSettings extends CommonSettings {
  readonly kind: "stream";
  readonly startingPosition: "TRIM_HORIZON" | "LATEST";
  readonly bisects: boolean;
  /** `Infinity` until the records leave the stream. */
  readonly maximumRetries: number;
  readonly maximumRecordAgeMs: number;
  readonly parallelization: number;
  /** The ARN of the queue that is told of discarded batches. */
  readonly failureQueueArn: string | undefined;
}

export type MappingSettings = QueueMappingSettings | StreamMappingSettings;

const common = {
  eventSourceArn: z.string(),
  functionName: z.string(),
  enabled: z.boolean().default(true),
  maximumBatchingWindowInSeconds: z.number().int().min(0).max(300).default(0),
  functionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).default([]),
  filterCriteria: z
    .strictObject({ filters: z.array(z.strictObject({ pattern: z.string() })).optional() })
    .optional(),
  tags: z.record(z.string(), z.string()).optional(),
};

const queueInputs = z.strictObject({
  ...common,
  batchSize: z.number().int().min(1).max(10_000).default(10),
  scalingConfig: z
    .strictObject({ maximumConcurrency: z.number().int().min(2).max(1000).optional() })
    .optional(),
});

const orUnlimited = (limit: z.ZodNumber) =>
  limit.default(-1).transform((value) => (value === -1 ? Infinity : value));

const streamInputs = z.strictObject({
  ...common,
  batchSize: z.number().int().min(1).max(10_000).default(100),
  startingPosition: z.enum(["TRIM_HORIZON", "LATEST"]),
  bisectBatchOnFunctionError: z.boolean().default(false),
  maximumRetryAttempts: orUnlimited(z.number().int().min(-1).max(10_000)),
  maximumRecordAgeInSeconds: orUnlimited(z.number().int().min(-1).max(604_800)),
  parallelizationFactor: z.number().int().min(1).max(10).default(1),
  destinationConfig: z
    .strictObject({ onFailure: z.strictObject({ destinationArn: z.string() }).optional() })
    .optional(),
});

const source = z.looseObject({ eventSourceArn: z.string() });

/** Batches of SQS messages beyond this need a batching window (Lambda Developer Guide, SQS event source parameters). */
const LARGEST_IMMEDIATE_BATCH = 10;

/** @throws Error that names the mapping and what of it the local run, or Lambda, does not support */
export function readMapping(resource: Resource): MappingSettings {
  const { eventSourceArn } = readInputs(resource, source);
  const { service, resource: sourceName } = parseArn(eventSourceArn);
  try {
    if (service === "sqs") return readQueueMapping(resource);
    if (service === "dynamodb" && sourceName.includes("/stream/")) return readStreamMapping(resource);
    throw new Error(`its source ${eventSourceArn} is neither an SQS queue nor a DynamoDB stream`);
  } catch (error) {
    const reason = (error as Error).message;
    throw new Error(`The event source mapping "${resource.name}" cannot be hosted: ${reason}.`, {
      cause: error,
    });
  }
}

function readQueueMapping(resource: Resource): QueueMappingSettings {
  const inputs = readInputs(resource, queueInputs);
  if (inputs.batchSize > LARGEST_IMMEDIATE_BATCH && inputs.maximumBatchingWindowInSeconds < 1)
    throw new Error("a batchSize over 10 needs a maximumBatchingWindowInSeconds of at least 1");
  return {
    kind: "queue",
    ...commonSettings(resource, inputs),
    maximumConcurrency: inputs.scalingConfig?.maximumConcurrency ?? Infinity,
  };
}

function readStreamMapping(resource: Resource): StreamMappingSettings {
  const inputs = readInputs(resource, streamInputs);
  const failureQueueArn = inputs.destinationConfig?.onFailure?.destinationArn;
  if (failureQueueArn !== undefined && parseArn(failureQueueArn).service !== "sqs")
    throw new Error(`its on-failure destination ${failureQueueArn} is no SQS queue`);
  return {
    kind: "stream",
    ...commonSettings(resource, inputs),
    startingPosition: inputs.startingPosition,
    bisects: inputs.bisectBatchOnFunctionError,
    maximumRetries: inputs.maximumRetryAttempts,
    maximumRecordAgeMs: inputs.maximumRecordAgeInSeconds * 1000,
    parallelization: inputs.parallelizationFactor,
    failureQueueArn,
  };
}

function commonSettings(
  resource: Resource,
  inputs: Pick<z.output<typeof queueInputs>, keyof typeof common | "batchSize">,
): CommonSettings {
  const patterns = (inputs.filterCriteria?.filters ?? []).map(({ pattern }) => pattern);
  return {
    id: resource.urn,
    sourceArn: inputs.eventSourceArn,
    functionName: inputs.functionName,
    enabled: inputs.enabled,
    batchSize: inputs.batchSize,
    batchingWindowMs: inputs.maximumBatchingWindowInSeconds * 1000,
    reportsItems: inputs.functionResponseTypes.length > 0,
    filter: patterns.length > 0 ? compileFilters(patterns) : undefined,
  };
}
