import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as scheduler from "@pulumi/aws/scheduler";
import * as sns from "@pulumi/aws/sns";
import { validateResourceOfType, type Policies, type ResourceValidationPolicy } from "@pulumi/policy";
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

/** Nothing that a service sends on is lost because the receiver did not take it. */
export const deliveryFailurePolicies: Policies = [
  subscriptionRedrivePolicy,
  scheduleDeadLetterQueue,
  eventTargetDeadLetterQueue,
];
