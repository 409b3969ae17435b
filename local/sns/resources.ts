import * as z from "zod";
import { parseArn } from "../aws/arn";
import { hosting, IRRELEVANT, jsonText } from "../aws/hosting";
import type { Resource } from "../aws/resource";
import type { MetricStore } from "../cloudwatch/metricStore";
import { readResourcePolicy } from "../iam/resourcePolicy";
import { compileFilterPolicy } from "./filterPolicy";
import { TOPIC_METRICS, type Topic, type TopicMetrics, type Topics } from "./topics";

const policyDocument = z.looseObject({ Version: z.string().optional(), Statement: z.unknown() });
const arn = (service: string) =>
  z.string().refine((text) => serviceOf(text) === service, `must be the ARN of a ${service} resource`);

const topicSchema = z.strictObject({
  ...IRRELEVANT,
  name: z.string().optional(),
  namePrefix: z.string().optional(),
  displayName: z.string().optional(),
  fifoTopic: z
    .literal(false, "FIFO topics are not hosted: make it a standard topic (fifoTopic: false)")
    .optional(),
  kmsMasterKeyId: z.string().optional(),
  policy: jsonText.optional(),
  // Notifications are not signed here, and traces are not kept.
  signatureVersion: z.number().optional(),
  tracingConfig: z.string().optional(),
});
const topicPolicySchema = z.strictObject({ ...IRRELEVANT, arn: arn("sns"), policy: jsonText });
const queueSubscriptionSchema = z.strictObject({
  ...IRRELEVANT,
  topic: arn("sns"),
  endpoint: arn("sqs"),
  protocol: z.literal("sqs"),
  rawMessageDelivery: z.boolean().default(false),
  filterPolicy: jsonText.optional(),
  filterPolicyScope: z.enum(["MessageAttributes", "MessageBody"]).default("MessageAttributes"),
  redrivePolicy: jsonText.optional(),
  // For endpoints that must confirm; a queue of the same account need not.
  confirmationTimeoutInMinutes: z.number().optional(),
  endpointAutoConfirms: z.boolean().optional(),
});
const emailSubscriptionSchema = queueSubscriptionSchema
  .pick({ region: true, tags: true, tagsAll: true, topic: true, redrivePolicy: true })
  .extend({ protocol: z.enum(["email", "email-json"]), endpoint: z.string() });
const subscriptionSchema = z.discriminatedUnion(
  "protocol",
  [queueSubscriptionSchema, emailSubscriptionSchema],
  'only queues and e-mail can subscribe (protocol "sqs" or "email")',
);
const outputsSchema = z.object({ arn: arn("sns") });
const redrivePolicySchema = z.strictObject({ deadLetterTargetArn: arn("sqs") });

/** Hosts the resource types of SNS; each refuses what it does not know with an error that names it. */
export function topicHosts(
  topics: Topics,
  metrics: MetricStore,
): Record<string, (resource: Resource) => void> {
  return {
    "aws:sns/topic:Topic": hosting(topicSchema, (inputs, resource) => {
      const { arn } = outputsSchema.parse(resource.outputs);
      topics.addTopic({
        arn,
        deliverer: { type: "service", service: "sns.amazonaws.com", sourceArn: arn },
        displayName: inputs.displayName ?? "",
        kmsMasterKeyId: inputs.kmsMasterKeyId,
        policy: inputs.policy === undefined ? undefined : policyOf(inputs.policy),
        subscriptions: [],
        unconfirmed: [],
        metrics: metricsOf(parseArn(arn).resource, metrics),
      });
    }),
    "aws:sns/topicPolicy:TopicPolicy": hosting(topicPolicySchema, (inputs) => {
      topics.withArn(inputs.arn).policy = policyOf(inputs.policy);
    }),
    "aws:sns/topicSubscription:TopicSubscription": hosting(subscriptionSchema, (inputs, resource) => {
      if (inputs.protocol === "sqs")
        addSubscription(topics, inputs, outputsSchema.parse(resource.outputs).arn);
      else {
        const { protocol, endpoint, topic } = inputs;
        topics.withArn(topic).unconfirmed.push({ protocol, endpoint });
      }
    }),
  };
}

function metricsOf(topicName: string, metrics: MetricStore): TopicMetrics {
  const series = TOPIC_METRICS.map((name) => [
    name,
    metrics.series({ namespace: "AWS/SNS", name, dimensions: { TopicName: topicName } }),
  ]);
  return Object.fromEntries(series) as TopicMetrics;
}

function addSubscription(topics: Topics, inputs: z.infer<typeof queueSubscriptionSchema>, arn: string): void {
  const { filterPolicy, filterPolicyScope, redrivePolicy, rawMessageDelivery: raw } = inputs;
  const redrive = redrivePolicy === undefined ? undefined : redrivePolicySchema.parse(json(redrivePolicy));
  topics.addSubscription({
    arn,
    topicArn: inputs.topic,
    endpoint: inputs.endpoint,
    queueUrl: queueUrlOf(inputs.endpoint),
    raw,
    filter: filterPolicy === undefined ? undefined : compileFilterPolicy(filterPolicy, filterPolicyScope),
    deadLetterQueueUrl: redrive && queueUrlOf(redrive.deadLetterTargetArn),
    attributes: {
      ConfirmationWasAuthenticated: "true",
      Endpoint: inputs.endpoint,
      ...(filterPolicy !== undefined && { FilterPolicy: filterPolicy, FilterPolicyScope: filterPolicyScope }),
      Owner: parseArn(arn).account,
      PendingConfirmation: "false",
      Protocol: "sqs",
      RawMessageDelivery: String(raw),
      ...(redrivePolicy !== undefined && { RedrivePolicy: redrivePolicy }),
      SubscriptionArn: arn,
      TopicArn: inputs.topic,
    },
  });
}

/** Whatever the host, a queue's URL ends in its account and name. */
function queueUrlOf(arn: string): string {
  const { account, resource } = parseArn(arn);
  return `/${account}/${resource}`;
}

function policyOf(text: string): NonNullable<Topic["policy"]> {
  const { Version, Statement } = readResourcePolicy(policyDocument.parse(json(text)), "The topic's policy");
  return { text, document: Version === undefined ? { Statement } : { Version, Statement } };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`a policy is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

function serviceOf(text: string): string | undefined {
  try {
    return parseArn(text).service;
  } catch {
    return undefined;
  }
}
