import * as z from "zod";
import type { Resource } from "../aws/resource";

/** A key attribute and its type. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: "S" | "N" | "B";
}

export interface KeySchema {
  readonly partition: KeyAttribute;
  readonly sort?: KeyAttribute;
}

export interface IndexDefinition {
  readonly name: string;
  readonly key: KeySchema;
  readonly projection: "ALL" | "KEYS_ONLY" | "INCLUDE";
  /** With the projection INCLUDE. */
  readonly nonKeyAttributes: readonly string[];
}

export type StreamViewType = "KEYS_ONLY" | "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES";

/** What a program says of a table. */
export interface TableDefinition {
  readonly name: string;
  readonly arn: string;
  readonly key: KeySchema;
  readonly indexes: readonly IndexDefinition[];
  readonly billingMode: "PROVISIONED" | "PAY_PER_REQUEST";
  readonly stream?: { readonly arn: string; readonly viewType: StreamViewType };
  /** The attribute that holds when an item expires, in seconds since the epoch. */
  readonly ttlAttribute?: string;
  readonly encryption: { readonly kms: boolean; readonly keyArn?: string };
  readonly pointInTimeRecovery: { readonly enabled: boolean; readonly days: number };
  readonly deletionProtection: boolean;
  readonly tableClass: string;
}

/** Limits of throughput: read, so that a misspelt one is refused, but nothing is throttled here. */
const throughput = z.strictObject({
  maxReadRequestUnits: z.number().optional(),
  maxWriteRequestUnits: z.number().optional(),
});
const warmThroughput = z.strictObject({
  readUnitsPerSecond: z.number().optional(),
  writeUnitsPerSecond: z.number().optional(),
});

const indexInputs = z.strictObject({
  name: z.string(),
  hashKey: z.string().optional(),
  rangeKey: z.string().optional(),
  keySchemas: z
    .array(z.strictObject({ attributeName: z.string(), keyType: z.enum(["HASH", "RANGE"]) }))
    .optional(),
  projectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
  nonKeyAttributes: z.array(z.string()).default([]),
  readCapacity: z.number().optional(),
  writeCapacity: z.number().optional(),
  onDemandThroughput: throughput.optional(),
  warmThroughput: warmThroughput.optional(),
});

const inputsSchema = z.strictObject({
  name: z.string().optional(),
  attributes: z.array(z.strictObject({ name: z.string(), type: z.enum(["S", "N", "B"]) })),
  hashKey: z.string(),
  rangeKey: z.string().optional(),
  billingMode: z.enum(["PROVISIONED", "PAY_PER_REQUEST"]).default("PROVISIONED"),
  globalSecondaryIndexes: z.array(indexInputs).default([]),
  streamEnabled: z.boolean().default(false),
  streamViewType: z
    .enum(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
    .or(z.literal(""))
    .optional(),
  ttl: z
    .strictObject({ attributeName: z.string().optional(), enabled: z.boolean().default(false) })
    .optional(),
  serverSideEncryption: z.strictObject({ enabled: z.boolean(), kmsKeyArn: z.string().optional() }).optional(),
  pointInTimeRecovery: z
    .strictObject({ enabled: z.boolean(), recoveryPeriodInDays: z.number().default(35) })
    .optional(),
  deletionProtectionEnabled: z.boolean().default(false),
  tableClass: z.enum(["STANDARD", "STANDARD_INFREQUENT_ACCESS"]).default("STANDARD"),
  readCapacity: z.number().optional(),
  writeCapacity: z.number().optional(),
  onDemandThroughput: throughput.optional(),
  warmThroughput: warmThroughput.optional(),
  region: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

const outputsSchema = z.object({
  name: z.string(),
  arn: z.string(),
  streamArn: z.string().optional(),
});

type Inputs = z.infer<typeof inputsSchema>;
type IndexInputs = z.infer<typeof indexInputs>;

/**
 * Reads a resource of type `aws:dynamodb/table:Table`.
 *
 * @throws Error that names the table and the property that is unknown, missing or contradictory
 */
export function readTable(resource: Resource): TableDefinition {
  const fail = (reason: string): never => {
    throw new Error(`The table "${resource.name}" cannot be hosted: ${reason}`);
  };
  const inputs = inputsSchema.safeParse(resource.inputs);
  if (!inputs.success) return fail(z.prettifyError(inputs.error));
  const outputs = outputsSchema.safeParse(resource.outputs);
  if (!outputs.success) return fail(z.prettifyError(outputs.error));
  const { data } = inputs;
  const { name, arn, streamArn } = outputs.data;
  const key = keySchema(data, data.hashKey, data.rangeKey, fail);
  const indexes = data.globalSecondaryIndexes.map((index) => readIndex(data, index, fail));
  refuseUnusedAttributes(data, [key, ...indexes.map((index) => index.key)], fail);
  const ttlAttribute = data.ttl?.enabled ? data.ttl.attributeName : undefined;
  const keyArn = data.serverSideEncryption?.kmsKeyArn;
  return {
    name,
    arn,
    key,
    indexes,
    billingMode: data.billingMode,
    ...(data.streamEnabled && { stream: readStream(data, streamArn, fail) }),
    ...(ttlAttribute !== undefined && { ttlAttribute }),
    encryption: { kms: data.serverSideEncryption?.enabled ?? false, ...(keyArn !== undefined && { keyArn }) },
    pointInTimeRecovery: {
      enabled: data.pointInTimeRecovery?.enabled ?? false,
      days: data.pointInTimeRecovery?.recoveryPeriodInDays ?? 35,
    },
    deletionProtection: data.deletionProtectionEnabled,
    tableClass: data.tableClass,
  };
}

type Fail = (reason: string) => never;

function readStream(inputs: Inputs, arn: string | undefined, fail: Fail) {
  if (!inputs.streamViewType) return fail("a stream needs a streamViewType.");
  if (!arn) return fail("it has a stream, but no streamArn among its outputs.");
  return { arn, viewType: inputs.streamViewType };
}

function readIndex(inputs: Inputs, index: IndexInputs, fail: Fail): IndexDefinition {
  const { name, projectionType, nonKeyAttributes } = index;
  if (nonKeyAttributes.length > 0 !== (projectionType === "INCLUDE"))
    return fail(`the index "${name}" must have nonKeyAttributes exactly when its projection is INCLUDE.`);
  const [hashKey, rangeKey] = indexKeyNames(index, fail);
  return {
    name,
    key: keySchema(inputs, hashKey, rangeKey, fail),
    projection: projectionType,
    nonKeyAttributes,
  };
}

/** Both ways to write an index's key: `hashKey`/`rangeKey`, and `keySchemas` of version 7 of the provider. */
function indexKeyNames(index: IndexInputs, fail: Fail): [string, string | undefined] {
  const { name, hashKey, rangeKey, keySchemas } = index;
  if ((hashKey === undefined) === (keySchemas === undefined))
    return fail(`the index "${name}" needs either hashKey or keySchemas.`);
  if (keySchemas === undefined) return [hashKey ?? "", rangeKey];
  const named = (type: string) => keySchemas.filter(({ keyType }) => keyType === type);
  const [[partition, ...partitions], [sort, ...sorts]] = [named("HASH"), named("RANGE")];
  if (partition === undefined || partitions.length > 0 || sorts.length > 0)
    return fail(`the index "${name}" must have one HASH and at most one RANGE attribute in keySchemas.`);
  return [partition.attributeName, sort?.attributeName];
}

function keySchema(inputs: Inputs, partition: string, sort: string | undefined, fail: Fail): KeySchema {
  const attribute = (name: string): KeyAttribute =>
    inputs.attributes.find((one) => one.name === name) ??
    fail(`its key attribute "${name}" is not in attributes.`);
  return { partition: attribute(partition), ...(sort !== undefined && { sort: attribute(sort) }) };
}

/** DynamoDB refuses a table with attribute definitions that no key uses. */
function refuseUnusedAttributes({ attributes }: Inputs, keys: readonly KeySchema[], fail: Fail): void {
  const used = new Set(keys.flatMap(({ partition, sort }) => [partition.name, sort?.name]));
  const unused = attributes.find(({ name }) => !used.has(name));
  if (unused) fail(`its attribute "${unused.name}" is part of no key.`);
}
