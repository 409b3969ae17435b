import * as sqs from "@pulumi/aws/sqs";
import type { Policies, StackValidationPolicy } from "@pulumi/policy";
import { deadLetterQueues } from "./lib/deadLetterQueues";
import { referredBy, resourcesOf } from "./lib/graph";

const queueRedrivePolicy: StackValidationPolicy = {
  name: "sqs-queue-redrive-policy",
  description: "A queue moves a message that cannot be processed to a dead-letter queue.",
  validateStack: (stack, report) => {
    const failureQueues = deadLetterQueues(stack);
    const redriven = resourcesOf(stack, sqs.RedrivePolicy).flatMap(({ resource }) =>
      referredBy(stack, resource, "queueUrl"),
    );
    for (const { resource, props } of resourcesOf(stack, sqs.Queue)) {
      if (failureQueues.has(resource) || redriven.includes(resource) || props.redrivePolicy) continue;
      report(
        `Queue "${resource.name}" has no redrive policy: a message that always fails is received until it expires, and ` +
          "is gone. Add an aws.sqs.RedrivePolicy with the ARN of a dead-letter queue and a maxReceiveCount.",
        resource.urn,
      );
    }
  },
};

/** No message is lost because nobody could process it. */
export const deadLetterPolicies: Policies = [queueRedrivePolicy];
