import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as dynamodb from "@pulumi/aws/dynamodb";
import * as iam from "@pulumi/aws/iam";
import * as kinesis from "@pulumi/aws/kinesis";
import * as s3 from "@pulumi/aws/s3";
import * as sns from "@pulumi/aws/sns";
import * as sqs from "@pulumi/aws/sqs";
import type { PolicyResource } from "@pulumi/policy";
import type { Resource } from "@pulumi/pulumi";
import { referredBy, resourcesOf, type ResourceClass, type Stack } from "./graph";
import { isObject, listOf, type JsonObject } from "./json";

/** A type of resources that carry policy documents. */
interface PolicyHolder {
  readonly type: Parameters<PolicyResource["isType"]>[0];
  readonly documents: (properties: JsonObject) => readonly unknown[];
}

const own = ({ policy }: JsonObject) => [policy];

/** What says what a role, a user or a group may do. */
export const IDENTITY_POLICIES: readonly PolicyHolder[] = [
  { type: iam.RolePolicy, documents: own },
  { type: iam.Policy, documents: own },
  { type: iam.UserPolicy, documents: own },
  { type: iam.GroupPolicy, documents: own },
  {
    type: iam.Role,
    documents: ({ inlinePolicies }) =>
      listOf(inlinePolicies).map((inline) => isObject(inline) && inline["policy"]),
  },
];

/** What says who may use a queue or a topic. */
export const QUEUE_AND_TOPIC_POLICIES: readonly PolicyHolder[] = [
  { type: sqs.QueuePolicy, documents: own },
  { type: sqs.Queue, documents: own },
  { type: sns.TopicPolicy, documents: own },
  { type: sns.Topic, documents: own },
];

/** What says who may use other things. */
export const OTHER_RESOURCE_POLICIES: readonly PolicyHolder[] = [
  { type: dynamodb.ResourcePolicy, documents: own },
  { type: kinesis.ResourcePolicy, documents: own },
  { type: cloudwatch.EventBusPolicy, documents: own },
  { type: s3.BucketPolicy, documents: own },
];

/** What says who may take a role. */
export const TRUST_POLICIES: readonly PolicyHolder[] = [
  { type: iam.Role, documents: ({ assumeRolePolicy }) => [assumeRolePolicy] },
];

/** The policy documents that a resource carries, as text or as objects; none when it is of no such type. */
export function documentsOf(
  resource: Pick<PolicyResource, "isType" | "props">,
  holders: readonly PolicyHolder[],
): readonly unknown[] {
  return holders
    .filter(({ type }) => resource.isType(type))
    .flatMap(({ documents }) => documents(resource.props))
    .filter((document) => Boolean(document));
}

/**
 * What carries the policy of a queue or a topic: the resources of a type that name it in a property, or itself. One that
 * has no policy of its own type may carry it itself; AWS shows its default there otherwise.
 */
export function holdersFor(
  stack: Stack,
  resource: PolicyResource,
  policyType: ResourceClass<Resource>,
  reference: string,
): readonly PolicyResource[] {
  const own = resourcesOf(stack, policyType)
    .map((policy) => policy.resource)
    .filter((policy) => referredBy(stack, policy, reference).includes(resource));
  return own.length > 0 ? own : [resource];
}
