import * as sqs from "@pulumi/aws/sqs";
import type { PolicyResource } from "@pulumi/policy";
import { arnOf } from "./arn";
import { referredBy, resourcesOf, type Stack } from "./graph";
import { jsonObject, listOf } from "./json";

/** A redrive policy, wherever it is written: the messages of `source` that fail go to `targets`. */
export interface Redrive {
  /** What it is a property of: an `aws.sqs.RedrivePolicy`, or the queue itself. */
  readonly resource: PolicyResource;
  /** The queue it is for; undefined when that is not of this stack. */
  readonly source: PolicyResource | undefined;
  /** The dead-letter queue, if it is of this stack. */
  readonly targets: readonly PolicyResource[];
}

/**
 * The stack's redrive policies. Those of queues that have an `aws.sqs.RedrivePolicy` are not looked for in the queue: the
 * provider shows them there too, and a preview does not know them.
 */
export function* redrives(stack: Stack): Generator<Redrive> {
  const redriven = new Set<PolicyResource>();
  for (const { resource } of resourcesOf(stack, sqs.RedrivePolicy)) {
    const sources = referredBy(stack, resource, "queueUrl").filter((queue) => queue.isType(sqs.Queue));
    for (const source of sources) redriven.add(source);
    for (const source of sources.length > 0 ? sources : [undefined])
      yield { resource, source, targets: targetsOf(stack, resource) };
  }
  for (const { resource } of resourcesOf(stack, sqs.Queue))
    if (!redriven.has(resource) && resource.props["redrivePolicy"])
      yield { resource, source: resource, targets: targetsOf(stack, resource) };
}

function targetsOf(stack: Stack, resource: PolicyResource): readonly PolicyResource[] {
  return referredBy(stack, resource, "redrivePolicy").filter((queue) => queue.isType(sqs.Queue));
}

/** What a redrive policy says, as text or as an object (SQS API Reference, `SetQueueAttributes`). */
export interface RedriveDocument {
  /** Empty when it names no queue. */
  readonly deadLetterTargetArn: string;
  /** NaN when it is no number. */
  readonly maxReceiveCount: number;
}

/** @returns undefined when it is no JSON */
export function redriveDocument(redrivePolicy: unknown): RedriveDocument | undefined {
  const document = jsonObject(redrivePolicy);
  if (document === undefined) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = document;
  return {
    deadLetterTargetArn: isQueueArn(deadLetterTargetArn) ? deadLetterTargetArn : "",
    // SQS takes the number as text too.
    maxReceiveCount: maxReceiveCount === "" ? NaN : Number(maxReceiveCount ?? NaN),
  };
}

function isQueueArn(value: unknown): value is string {
  return typeof value === "string" && arnOf(value)?.service === "sqs";
}

/**
 * Whether a queue refuses to be the dead-letter queue of another: by an `aws.sqs.RedriveAllowPolicy`, or one of its own
 * (SQS API Reference, `SetQueueAttributes`, `RedriveAllowPolicy`).
 */
export function refusesRedrive(stack: Stack, target: PolicyResource, source: PolicyResource): boolean {
  const own = resourcesOf(stack, sqs.RedriveAllowPolicy).filter(({ resource }) =>
    referredBy(stack, resource, "queueUrl").includes(target),
  );
  const documents = own.length > 0 ? own.map(({ props }) => props) : [target.props];
  return documents.some(({ redriveAllowPolicy }) => {
    const { redrivePermission, sourceQueueArns } = jsonObject(redriveAllowPolicy) ?? {};
    if (redrivePermission === "byQueue") return !listOf(sourceQueueArns).includes(source.props["arn"]);
    return redrivePermission === "denyAll";
  });
}
