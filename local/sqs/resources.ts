import * as z from "zod";
import { hosting, IRRELEVANT, jsonText } from "../aws/hosting";
import type { Resource } from "../aws/resource";
import type { Queues } from "./queues";
import { withAttributes } from "./queueSettings";

const queueSchema = z.strictObject({
  ...IRRELEVANT,
  name: z.string().optional(),
  namePrefix: z.string().optional(),
  fifoQueue: z
    .literal(false, "FIFO queues are not hosted: make it a standard queue (fifoQueue: false)")
    .optional(),
  delaySeconds: z.number().optional(),
  kmsDataKeyReusePeriodSeconds: z.number().optional(),
  kmsMasterKeyId: z.string().optional(),
  maxMessageSize: z.number().optional(),
  messageRetentionSeconds: z.number().optional(),
  policy: jsonText.optional(),
  receiveWaitTimeSeconds: z.number().optional(),
  redriveAllowPolicy: jsonText.optional(),
  redrivePolicy: jsonText.optional(),
  sqsManagedSseEnabled: z.boolean().optional(),
  visibilityTimeoutSeconds: z.number().optional(),
});
const queueOutputsSchema = z.object({
  name: z.string().regex(/^[\w-]{1,80}$/, "a standard queue's name has 1 to 80 letters, digits, _ and -"),
  arn: z.string(),
  url: z.string(),
});
const queuePolicySchema = z.strictObject({ ...IRRELEVANT, queueUrl: z.string(), policy: jsonText });
const redrivePolicySchema = z.strictObject({ ...IRRELEVANT, queueUrl: z.string(), redrivePolicy: jsonText });
const redriveAllowPolicySchema = z.strictObject({
  ...IRRELEVANT,
  queueUrl: z.string(),
  redriveAllowPolicy: jsonText,
});

/** Attribute names of the SQS API by Pulumi's names of the same (`@pulumi/aws/sqs/queue`). */
const ATTRIBUTE_OF: Readonly<Record<string, string>> = {
  delaySeconds: "DelaySeconds",
  kmsDataKeyReusePeriodSeconds: "KmsDataKeyReusePeriodSeconds",
  kmsMasterKeyId: "KmsMasterKeyId",
  maxMessageSize: "MaximumMessageSize",
  messageRetentionSeconds: "MessageRetentionPeriod",
  policy: "Policy",
  receiveWaitTimeSeconds: "ReceiveMessageWaitTimeSeconds",
  redriveAllowPolicy: "RedriveAllowPolicy",
  redrivePolicy: "RedrivePolicy",
  sqsManagedSseEnabled: "SqsManagedSseEnabled",
  visibilityTimeoutSeconds: "VisibilityTimeout",
};
/** The provider's default where it differs from the service's. */
const PROVIDER_DEFAULTS = { MaximumMessageSize: "262144" };

/** Hosts the resource types of SQS; each refuses what it does not know with an error that names it. */
export function queueHosts(queues: Queues): Record<string, (resource: Resource) => void> {
  const setAttribute = (url: string, attribute: string, value: string) => {
    const queue = queues.withUrl(url);
    queue.settings = withAttributes(queue.settings, { [attribute]: value });
  };
  return {
    "aws:sqs/queue:Queue": hosting(queueSchema, (inputs, resource) => {
      const { name, arn, url } = queueOutputsSchema.parse(resource.outputs);
      const queue = queues.add(name, arn, url);
      queue.settings = withAttributes(queue.settings, { ...PROVIDER_DEFAULTS, ...attributesOf(inputs) });
    }),
    "aws:sqs/queuePolicy:QueuePolicy": hosting(queuePolicySchema, ({ queueUrl, policy }) =>
      setAttribute(queueUrl, "Policy", policy),
    ),
    "aws:sqs/redrivePolicy:RedrivePolicy": hosting(redrivePolicySchema, ({ queueUrl, redrivePolicy }) =>
      setAttribute(queueUrl, "RedrivePolicy", redrivePolicy),
    ),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": hosting(
      redriveAllowPolicySchema,
      ({ queueUrl, redriveAllowPolicy }) => setAttribute(queueUrl, "RedriveAllowPolicy", redriveAllowPolicy),
    ),
  };
}

function attributesOf(inputs: z.infer<typeof queueSchema>): Record<string, string> {
  const attributes: Record<string, string> = {
    SqsManagedSseEnabled: String(inputs.kmsMasterKeyId === undefined),
  };
  for (const [property, value] of Object.entries(inputs)) {
    const attribute = ATTRIBUTE_OF[property];
    if (attribute !== undefined && value !== undefined) attributes[attribute] = String(value);
  }
  return attributes;
}
