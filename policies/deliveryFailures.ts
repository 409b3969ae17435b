import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as scheduler from "@pulumi/aws/scheduler";
import * as sns from "@pulumi/aws/sns";
import * as sqs from "@pulumi/aws/sqs";
import {
  validateResourceOfType,
  type Policies,
  type PolicyResource,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import type { Resource } from "@pulumi/pulumi";
import { referredBy, resourcesOf, type ResourceClass, type Stack } from "./lib/graph";
import {
  coversAction,
  coversResource,
  isAboutEverybody,
  matchesPattern,
  statementsOf,
  type Statement,
} from "./lib/policyDocument";
import { holdersFor } from "./lib/policyHolders";
import { redriveDocument } from "./lib/redrives";

/**
 * SNS discards what it cannot deliver unless the subscription has a dead-letter queue, whatever the protocol: it tries
 * e-mail, SMS and mobile push for six hours (SNS Developer Guide, "Amazon SNS message delivery retries").
 */
const subscriptionRedrivePolicy: ResourceValidationPolicy = {
  name: "sns-subscription-redrive-policy",
  description: "A subscription moves what cannot be delivered to a dead-letter queue.",
  configSchema: {
    properties: {
      exemptProtocols: {
        type: "array",
        items: { type: "string" },
        default: [],
        description: "Protocols whose messages may be lost, such as `email`.",
      },
    },
  },
  validateResource: validateResourceOfType(sns.TopicSubscription, (subscription, args, report) => {
    const { exemptProtocols } = args.getConfig<{ readonly exemptProtocols: readonly string[] }>();
    if (exemptProtocols.includes(subscription.protocol)) return;
    const target = redriveDocument(subscription.redrivePolicy)?.deadLetterTargetArn;
    if (target && target !== subscription.endpoint) return;
    report(
      `Subscription "${args.name}" ${target ? "has its own endpoint as dead-letter queue" : "has no dead-letter queue"}: ` +
        "what cannot be delivered is discarded. Set redrivePolicy to JSON with the ARN of a queue as deadLetterTargetArn.",
    );
  }),
};

/** EventBridge Scheduler drops an event that it could not deliver (its User Guide, "Configuring a dead-letter queue"). */
const scheduleDeadLetterQueue: ResourceValidationPolicy = {
  name: "scheduler-dead-letter-queue",
  description: "A schedule moves a call that its target does not take to a dead-letter queue.",
  validateResource: validateResourceOfType(scheduler.Schedule, ({ target }, { name }, report) => {
    if (target.deadLetterConfig?.arn) return;
    report(
      `Schedule "${name}" has no dead-letter queue: a call that its target does not take is dropped. Set ` +
        "target.deadLetterConfig.arn to the ARN of a queue.",
    );
  }),
};

/** EventBridge drops an event after 24 hours or 185 attempts (EventBridge User Guide, "Using dead-letter queues"). */
const eventTargetDeadLetterQueue: ResourceValidationPolicy = {
  name: "eventbridge-target-dead-letter-queue",
  description: "A rule's target moves an event that it does not take to a dead-letter queue.",
  validateResource: validateResourceOfType(
    cloudwatch.EventTarget,
    ({ deadLetterConfig }, { name }, report) => {
      if (deadLetterConfig?.arn) return;
      report(
        `Event target "${name}" has no dead-letter queue: an event that it does not take is dropped. Set ` +
          "deadLetterConfig.arn to the ARN of a queue.",
      );
    },
  ),
};

/**
 * Services that write to a dead-letter queue by themselves, so that its policy must let them (SNS Developer Guide,
 * "Configuring an Amazon SNS dead-letter queue for a subscription"; EventBridge User Guide, "Using dead-letter queues",
 * "Granting permissions to the dead-letter queue"): the type and property that name the queue, and the property that
 * says on whose behalf.
 */
const SENDERS: readonly Sender[] = [
  {
    type: sns.TopicSubscription,
    property: "redrivePolicy",
    service: "sns.amazonaws.com",
    onBehalfOf: "topic",
  },
  { type: cloudwatch.EventTarget, property: "deadLetterConfig", service: "events.amazonaws.com" },
];

const deadLetterQueueSenders: StackValidationPolicy = {
  name: "sqs-dead-letter-queue-senders",
  description: "A service may write to the dead-letter queue that it is given.",
  validateStack: (stack, report) => {
    for (const { type, property, service, onBehalfOf } of SENDERS)
      for (const { resource } of resourcesOf(stack, type))
        for (const queue of referredBy(stack, resource, property).filter((each) => each.isType(sqs.Queue))) {
          const source: unknown = onBehalfOf && resource.props[onBehalfOf];
          if (letsIn(stack, queue, service, source)) continue;
          report(
            `Queue "${queue.name}" does not let ${service} write to it for "${resource.name}": what cannot be delivered is ` +
              `discarded. Allow sqs:SendMessage to Service ${service} in its aws.sqs.QueuePolicy, with the source's ARN as ` +
              "aws:SourceArn.",
            queue.urn,
          );
        }
  },
};

/** Nothing that a service sends on is lost because the receiver did not take it. */
export const deliveryFailurePolicies: Policies = [
  subscriptionRedrivePolicy,
  scheduleDeadLetterQueue,
  eventTargetDeadLetterQueue,
  deadLetterQueueSenders,
];

interface Sender {
  readonly type: ResourceClass<Resource>;
  readonly property: string;
  readonly service: string;
  readonly onBehalfOf?: string;
}

function letsIn(stack: Stack, queue: PolicyResource, service: string, source: unknown): boolean {
  return holdersFor(stack, queue, sqs.QueuePolicy, "queueUrl").some((holder) =>
    (statementsOf(holder.props["policy"]) ?? []).some(
      (statement) =>
        statement.allows &&
        coversAction(statement, "sqs:SendMessage") &&
        coversResource(statement, String(queue.props["arn"])) &&
        (isAboutEverybody(statement) || namesService(statement, service)) &&
        isFor(statement, source),
    ),
  );
}

function namesService({ principals = [] }: Statement, service: string): boolean {
  return principals.some(({ type, id }) => type === "Service" && id === service);
}

/** Whether a statement's conditions on the source's ARN, if it has any, are met by one. */
function isFor({ conditions }: Statement, source: unknown): boolean {
  return conditions
    .filter(({ key }) => key.toLowerCase() === "aws:sourcearn" && typeof source === "string")
    .every(({ values }) => values.some((value) => matchesPattern(value, String(source))));
}
