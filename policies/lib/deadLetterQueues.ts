import * as lambda from "@pulumi/aws/lambda";
import * as sns from "@pulumi/aws/sns";
import * as sqs from "@pulumi/aws/sqs";
import type { PolicyResource, StackValidationArgs } from "@pulumi/policy";
import type { Resource } from "@pulumi/pulumi";
import { referredBy, resourcesOf, type ResourceClass } from "./graph";

/** What names a queue for messages that failed: a type and its property. */
const REFERENCES: readonly (readonly [ResourceClass<Resource>, string])[] = [
  [sqs.RedrivePolicy, "redrivePolicy"],
  [sqs.Queue, "redrivePolicy"],
  [sns.TopicSubscription, "redrivePolicy"],
  [lambda.EventSourceMapping, "destinationConfig"],
  [lambda.Function, "deadLetterConfig"],
];

/** The stack's dead-letter and failure queues: what makes a queue one is that something sends its failures there. */
export function deadLetterQueues(stack: Pick<StackValidationArgs, "resources">): ReadonlySet<PolicyResource> {
  const targets = REFERENCES.flatMap(([type, property]) =>
    resourcesOf(stack, type).flatMap(({ resource }) => referredBy(stack, resource, property)),
  );
  return new Set(targets.filter((resource) => resource.isType(sqs.Queue)));
}
