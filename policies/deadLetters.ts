import * as sqs from "@pulumi/aws/sqs";
import {
  validateResourceOfType,
  type Policies,
  type PolicyResource,
  type ReportViolation,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { failureQueues, holdsFailuresOnly } from "./lib/deadLetterQueues";
import { referredBy, resourcesOf, type Stack } from "./lib/graph";
import { redriveDocument, redrives, refusesRedrive } from "./lib/redrives";

/** How long SQS keeps a message when a queue does not say (SQS API Reference, `SetQueueAttributes`). */
const DEFAULT_RETENTION_SECONDS = 345_600;
/** How long SQS hides a message from others when a queue does not say (the same). */
const DEFAULT_VISIBILITY_TIMEOUT_SECONDS = 30;

const queueRedrivePolicy: StackValidationPolicy = {
  name: "sqs-queue-redrive-policy",
  description: "A queue moves a message that cannot be processed to a dead-letter queue.",
  validateStack: (stack, report) => {
    const redriven = resourcesOf(stack, sqs.RedrivePolicy).flatMap(({ resource }) =>
      referredBy(stack, resource, "queueUrl"),
    );
    for (const { resource, props } of resourcesOf(stack, sqs.Queue)) {
      if (redriven.includes(resource) || holdsFailuresOnly(stack, resource) || props.redrivePolicy) continue;
      report(
        `Queue "${resource.name}" has no redrive policy: a message that always fails is received until it expires, and ` +
          "is gone. Add an aws.sqs.RedrivePolicy with the ARN of a dead-letter queue and a maxReceiveCount.",
        resource.urn,
      );
    }
  },
};

const redriveTarget: StackValidationPolicy = {
  name: "sqs-redrive-dead-letter-target",
  description:
    "A redrive policy names a dead-letter queue that takes what it is for, and does not lead back to its source.",
  validateStack: (stack, report) => {
    for (const { resource, source, targets } of redrives(stack)) {
      const document = redriveDocument(resource.props["redrivePolicy"]);
      const fault =
        document === undefined
          ? "is no JSON"
          : document.deadLetterTargetArn === ""
            ? "names no dead-letter queue"
            : source && leadsTo(stack, targets, source)
              ? `brings the messages of "${source.name}" back to it`
              : source && targets.some((target) => refusesRedrive(stack, target, source))
                ? `names a queue whose redriveAllowPolicy refuses "${source.name}"`
                : undefined;
      if (fault === undefined) continue;
      report(
        `The redrive policy of "${resource.name}" ${fault}: a message that always fails is lost when it expires. Write ` +
          "the ARN of another queue, which takes it and which nothing works off, as deadLetterTargetArn.",
        resource.urn,
      );
    }
  },
};

/** `Set it high enough` says the SQS Developer Guide of 1: one failed receive must not be the end of a message. */
const redriveReceiveCount: ResourceValidationPolicy = {
  name: "sqs-redrive-receive-count",
  description: "A message is tried several times, and not for ever, before it goes to the dead-letter queue.",
  configSchema: {
    properties: {
      minimum: { type: "integer", minimum: 1, default: 3, description: "Fewest receives before redrive." },
      maximum: { type: "integer", minimum: 1, default: 100, description: "Most receives before redrive." },
    },
  },
  validateResource: [
    validateResourceOfType(sqs.RedrivePolicy, ({ redrivePolicy }, args, report) =>
      checkReceiveCount(args.name, redrivePolicy, args.getConfig(), report),
    ),
    validateResourceOfType(sqs.Queue, ({ redrivePolicy }, args, report) => {
      if (redrivePolicy) checkReceiveCount(args.name, redrivePolicy, args.getConfig(), report);
    }),
  ],
};

function checkReceiveCount(
  name: string,
  redrivePolicy: unknown,
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
  report: ReportViolation,
): void {
  const count = redriveDocument(redrivePolicy)?.maxReceiveCount;
  if (Number.isInteger(count) && Number(count) >= minimum && Number(count) <= maximum) return;
  report(
    `The redrive policy of "${name}" moves a message after ${count || "no number of"} receives: too few give it up at ` +
      "the first hitch, too many hold it back from whoever could repair it. Write a whole number from " +
      `${minimum} to ${maximum} as maxReceiveCount.`,
  );
}

/**
 * A message that is moved keeps the time it was first sent, and expires by the dead-letter queue's retention from then
 * (SQS Developer Guide, "Setting-up dead-letter queue retention").
 */
const deadLetterQueueRetention: StackValidationPolicy = {
  name: "sqs-dead-letter-queue-retention",
  description: "A message reaches its dead-letter queue before it expires, and is kept there for longer.",
  configSchema: {
    properties: {
      minimumSeconds: {
        type: "integer",
        default: DEFAULT_RETENTION_SECONDS,
        description: "What any dead-letter or failure queue keeps its messages for at least, in seconds.",
      },
    },
  },
  validateStack: (stack, report) => {
    for (const { source, targets } of redrives(stack))
      for (const target of source === undefined ? [] : targets)
        if (source !== undefined && source !== target && retentionOf(target) <= retentionOf(source))
          report(
            `Dead-letter queue "${target.name}" keeps messages for ${retentionOf(target)} s and their source ` +
              `"${source.name}" for ${retentionOf(source)} s: the time in the source counts, so that they can expire as ` +
              "soon as they arrive. Set the dead-letter queue's messageRetentionSeconds higher (1209600 is the most), or " +
              "the source's lower.",
            target.urn,
          );
    const { minimumSeconds } = stack.getConfig<{ readonly minimumSeconds: number }>();
    for (const queue of failureQueues(stack))
      if (retentionOf(queue) < minimumSeconds)
        report(
          `Failure queue "${queue.name}" keeps messages for ${retentionOf(queue)} s: they are gone before somebody can ` +
            `look into them. Set messageRetentionSeconds to ${minimumSeconds} or more.`,
          queue.urn,
        );
    for (const { resource, source } of redrives(stack)) {
      const { maxReceiveCount = NaN } = redriveDocument(resource.props["redrivePolicy"]) ?? {};
      if (source === undefined || !(maxReceiveCount * visibilityOf(source) >= retentionOf(source))) continue;
      report(
        `Queue "${source.name}" keeps messages for ${retentionOf(source)} s, and gives one up after ${maxReceiveCount} ` +
          `receives of ${visibilityOf(source)} s each: it expires before it is moved to the dead-letter queue. Set ` +
          "messageRetentionSeconds higher, or visibilityTimeoutSeconds or maxReceiveCount lower.",
        source.urn,
      );
    }
  },
};

/** No message is lost because nobody could process it. */
export const deadLetterPolicies: Policies = [
  queueRedrivePolicy,
  redriveTarget,
  redriveReceiveCount,
  deadLetterQueueRetention,
];

/** Whether one of some queues is another, or is redriven to it, by however many redrive policies. */
function leadsTo(stack: Stack, from: readonly PolicyResource[], to: PolicyResource): boolean {
  const reached = new Set(from);
  const all = [...redrives(stack)];
  for (const queue of reached)
    for (const { source, targets } of all)
      if (source === queue) for (const target of targets) reached.add(target);
  return reached.has(to);
}

function retentionOf({ props }: PolicyResource): number {
  return Number(props["messageRetentionSeconds"]) || DEFAULT_RETENTION_SECONDS;
}

function visibilityOf({ props }: PolicyResource): number {
  return Number(props["visibilityTimeoutSeconds"] ?? DEFAULT_VISIBILITY_TIMEOUT_SECONDS);
}
