import * as lambda from "@pulumi/aws/lambda";
import * as sqs from "@pulumi/aws/sqs";
import {
  validateResourceOfType,
  type Policies,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { functionsBehind } from "./lib/functions";
import { referredBy, resourcesOf } from "./lib/graph";
import { isObject, jsonObject, listOf, type JsonObject } from "./lib/json";
import { readsQueue } from "./lib/queueMappings";
import { readsStream } from "./lib/streamMappings";

/** What AWS takes where a queue or a function says nothing (SQS and Lambda API References). */
const DEFAULT_VISIBILITY_TIMEOUT_SECONDS = 30;
const DEFAULT_FUNCTION_TIMEOUT_SECONDS = 3;

/**
 * Lambda retries a throttled batch while the messages are hidden: six times the function's timeout, and the batching
 * window, during which they are hidden already (Lambda Developer Guide, "Creating and configuring an Amazon SQS event
 * source mapping").
 */
const visibilityTimeout: StackValidationPolicy = {
  name: "sqs-visibility-timeout",
  description: "A message stays hidden for long enough while a function works on it.",
  configSchema: {
    properties: {
      timesFunctionTimeout: {
        type: "integer",
        minimum: 1,
        default: 6,
        description: "How many of the function's timeouts the visibility timeout lasts at least.",
      },
    },
  },
  validateStack: (stack, report) => {
    const { timesFunctionTimeout } = stack.getConfig<{ readonly timesFunctionTimeout: number }>();
    for (const { resource, props } of resourcesOf(stack, lambda.EventSourceMapping)) {
      if (!readsQueue(props)) continue;
      for (const queue of referredBy(stack, resource, "eventSourceArn"))
        for (const handler of functionsBehind(stack, resource, "functionName")) {
          const visible = queue.asType(sqs.Queue)?.visibilityTimeoutSeconds;
          const timeout = handler.asType(lambda.Function)?.timeout || DEFAULT_FUNCTION_TIMEOUT_SECONDS;
          const least = timesFunctionTimeout * timeout + (props.maximumBatchingWindowInSeconds ?? 0);
          if (!queue.isType(sqs.Queue) || (visible ?? DEFAULT_VISIBILITY_TIMEOUT_SECONDS) >= least) continue;
          report(
            `Queue "${queue.name}" shows a message again after ${visible ?? DEFAULT_VISIBILITY_TIMEOUT_SECONDS} s, while ` +
              `function "${handler.name}" may still be at work on it for ${timeout} s or be throttled: it is processed ` +
              `twice, or counts as failed. Set visibilityTimeoutSeconds to ${least} or more.`,
            queue.urn,
          );
        }
    }
  },
};

/** Lambda Developer Guide, "Reporting batch item failures" for SQS, DynamoDB and Kinesis. */
const partialBatchResponse: ResourceValidationPolicy = {
  name: "lambda-partial-batch-response",
  description:
    "A function says which messages of a batch failed, so that the others are not processed again.",
  validateResource: validateResourceOfType(lambda.EventSourceMapping, (mapping, { name }, report) => {
    if (!readsQueue(mapping) && !readsStream(mapping)) return;
    if (mapping.functionResponseTypes?.includes("ReportBatchItemFailures")) return;
    report(
      `Event source mapping "${name}" takes a batch as failed when one of its messages fails: the others are processed ` +
        'again, and end in the dead-letter queue with it. Set functionResponseTypes to ["ReportBatchItemFailures"], and ' +
        "return the identifiers of those that failed.",
    );
  }),
};

/**
 * A stream shows every change, those too that the consumer itself makes (Lambda Developer Guide, "Control which events
 * Lambda sends to your function"). Filters are alternatives, so that each must leave something out. A stack whose
 * functions want every record disables this policy in its configuration.
 */
const streamFilter: ResourceValidationPolicy = {
  name: "lambda-stream-filter",
  description: "A stream mapping passes on only those records that its function is for.",
  validateResource: validateResourceOfType(lambda.EventSourceMapping, (mapping, { name }, report) => {
    if (!readsStream(mapping)) return;
    const fault = filtersFault((mapping.filterCriteria?.filters ?? []).map(({ pattern }) => pattern));
    if (fault === undefined) return;
    report(
      `Stream mapping "${name}" ${fault}: its function is called for every change of every item, its ` +
        'own too, which can go round for ever. Set filterCriteria.filters with a pattern such as {"eventName":["INSERT"]}.',
    );
  }),
};

/** What comes from a queue or a stream is neither doubled nor lost on the way to its function. */
export const eventSourcePolicies: Policies = [visibilityTimeout, partialBatchResponse, streamFilter];

/** The kinds of change in a stream of DynamoDB. */
const EVENT_NAMES = ["INSERT", "MODIFY", "REMOVE"];

/** What is the same in every record of a stream. */
const CONSTANT_FIELDS = ["awsRegion", "eventSource", "eventSourceARN", "eventVersion"];

function filtersFault(patterns: readonly unknown[]): string | undefined {
  if (patterns.length === 0) return "has no filter";
  const documents = patterns.map(jsonObject);
  if (documents.includes(undefined)) return "has a filter whose pattern is no JSON object";
  const filters = documents.flatMap((document) => [...alternativesOf(document ?? {})]).map(conditionsOf);
  if (filters.flat().some(isNeverMet)) return "has a filter with a condition which no record meets";
  const passed = new Set(filters.filter((filter) => !filter.some(leavesOut)).flatMap(eventNamesIn));
  return EVENT_NAMES.every((name) => passed.has(name)) ? "has a filter that leaves nothing out" : undefined;
}

/** One field of a record and the values that it may have. */
interface FilterCondition {
  readonly field: string;
  readonly allowed: unknown;
}

/** A pattern with `$or` is one for each of its alternatives (Lambda Developer Guide, "Filter rule syntax"). */
function* alternativesOf({ $or, ...others }: JsonObject): Generator<JsonObject> {
  if (!Array.isArray($or)) return yield others;
  for (const alternative of $or.filter(isObject)) yield* alternativesOf({ ...others, ...alternative });
}

function conditionsOf(pattern: JsonObject): readonly FilterCondition[] {
  return Object.keys(pattern).flatMap((field) => {
    const allowed = pattern[field];
    return isObject(allowed) ? conditionsOf(allowed) : [{ field, allowed }];
  });
}

function isNeverMet(condition: FilterCondition): boolean {
  const { field, allowed } = condition;
  if (!Array.isArray(allowed) || allowed.length === 0) return true;
  return field === "eventName" && eventNamesIn([condition]).length === 0;
}

/** Whether a condition keeps some records of every kind of change out. */
function leavesOut({ field, allowed }: FilterCondition): boolean {
  if (field === "eventName" || CONSTANT_FIELDS.includes(field)) return false;
  return !listOf(allowed).some(isAnyValue);
}

/** The kinds of change that conditions let through; all of them where none is about these. */
function eventNamesIn(conditions: readonly FilterCondition[]): readonly string[] {
  const lists = conditions.filter(({ field }) => field === "eventName").map(({ allowed }) => listOf(allowed));
  return EVENT_NAMES.filter((name) => lists.every((list) => list.some((value) => takesName(value, name))));
}

function takesName(value: unknown, name: string): boolean {
  if (!isObject(value)) return value === name;
  const others = listOf(value["anything-but"]);
  if (others.length > 0) return !others.includes(name);
  const { prefix, suffix, "equals-ignore-case": equal } = value;
  if (typeof prefix === "string") return name.startsWith(prefix);
  if (typeof suffix === "string") return name.endsWith(suffix);
  if (typeof equal === "string") return name === equal.toUpperCase();
  return value["exists"] !== false;
}

/** A condition that every record meets: the field exists, or begins or ends with nothing. */
function isAnyValue(condition: unknown): boolean {
  return (
    isObject(condition) &&
    (condition["exists"] === true || condition["prefix"] === "" || condition["suffix"] === "")
  );
}
