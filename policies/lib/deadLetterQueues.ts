import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import * as pipes from "@pulumi/aws/pipes";
import * as scheduler from "@pulumi/aws/scheduler";
import * as sns from "@pulumi/aws/sns";
import * as sqs from "@pulumi/aws/sqs";
import type { PolicyResource } from "@pulumi/policy";
import type { Resource } from "@pulumi/pulumi";
import {
  dependenciesOf,
  mentionedIn,
  referredBy,
  resourcesOf,
  type ResourceClass,
  type Stack,
} from "./graph";
import { isObject } from "./json";
import { hasMessageAlarm } from "./queueAlarms";

/** Properties that name a queue for messages that failed, and nothing else. */
const WHOLE: readonly (readonly [ResourceClass<Resource>, string])[] = [
  [sqs.RedrivePolicy, "redrivePolicy"],
  [sqs.Queue, "redrivePolicy"],
  [sns.TopicSubscription, "redrivePolicy"],
  [lambda.EventSourceMapping, "destinationConfig"],
  [lambda.Function, "deadLetterConfig"],
  [cloudwatch.EventTarget, "deadLetterConfig"],
  [cloudwatch.EventBus, "deadLetterConfig"],
];

/** Properties that name such a queue beside others: the dependencies of the whole do not tell them apart. */
const NESTED: readonly (readonly [ResourceClass<Resource>, readonly string[]])[] = [
  [lambda.FunctionEventInvokeConfig, ["destinationConfig", "onFailure"]],
  [scheduler.Schedule, ["target", "deadLetterConfig"]],
  [pipes.Pipe, ["sourceParameters", "dynamodbStreamParameters", "deadLetterConfig"]],
  [pipes.Pipe, ["sourceParameters", "kinesisStreamParameters", "deadLetterConfig"]],
];

/**
 * The stack's dead-letter and failure queues: what makes a queue one is that something else sends its failures there.
 *
 * Those that the program's dependencies tell come first, so that a policy has said what it can before a preview stumbles
 * over a value that is not known yet.
 */
export function* deadLetterQueues(stack: Stack): Generator<PolicyResource> {
  const seen = new Set<PolicyResource>();
  for (const queue of failureTargets(stack)) {
    if (seen.has(queue) || !queue.isType(sqs.Queue)) continue;
    seen.add(queue);
    yield queue;
  }
}

/** Of a queue that people read, how long a message may lie there before they are told. */
const PEOPLE_ARE_TOLD_WITHIN_SECONDS = 3_600;

/**
 * Whether a queue holds failures, and is not worked off: then it has no failures of its own. The failures are those of
 * other resources, or what a program gives up for people to look into: an alarm tells them of each message.
 */
export function holdsFailuresOnly(stack: Stack, queue: PolicyResource): boolean {
  if (isWorkedOff(stack, queue)) return false;
  for (const other of deadLetterQueues(stack)) if (other === queue) return true;
  return hasMessageAlarm(stack, queue, PEOPLE_ARE_TOLD_WITHIN_SECONDS);
}

/** The queues that hold failures: the dead-letter queues, and those that only people look into. */
export function* failureQueues(stack: Stack): Generator<PolicyResource> {
  const dead = new Set<PolicyResource>();
  for (const queue of deadLetterQueues(stack)) {
    dead.add(queue);
    yield queue;
  }
  for (const { resource } of resourcesOf(stack, sqs.Queue))
    if (!dead.has(resource) && holdsFailuresOnly(stack, resource)) yield resource;
}

function* failureTargets(stack: Stack): Generator<PolicyResource> {
  const whole = WHOLE.flatMap(([type, property]) =>
    resourcesOf(stack, type).map(({ resource }) => ({ resource, property })),
  );
  for (const { resource, property } of whole)
    yield* notItself(stack, resource, dependenciesOf(resource, property));
  for (const { resource, property } of whole)
    yield* notItself(stack, resource, referredBy(stack, resource, property));
  for (const [type, path] of NESTED)
    for (const { resource } of resourcesOf(stack, type))
      yield* mentionedIn(stack, valueAt(resource.props, path));
}

/** A queue that is its own dead-letter queue is none. */
function notItself(
  stack: Stack,
  resource: PolicyResource,
  targets: readonly PolicyResource[],
): readonly PolicyResource[] {
  if (targets.length === 0) return [];
  const sources = resource.isType(sqs.RedrivePolicy) ? referredBy(stack, resource, "queueUrl") : [resource];
  return targets.filter((target) => !sources.includes(target));
}

/** Whether something takes messages from a queue to process them, or a topic delivers to it. */
function isWorkedOff(stack: Stack, queue: PolicyResource): boolean {
  const uses: readonly (readonly [ResourceClass<Resource>, string])[] = [
    [lambda.EventSourceMapping, "eventSourceArn"],
    [pipes.Pipe, "source"],
    [sns.TopicSubscription, "endpoint"],
  ];
  return uses.some(([type, property]) =>
    resourcesOf(stack, type).some(({ resource }) => referredBy(stack, resource, property).includes(queue)),
  );
}

function valueAt(properties: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), properties);
}
