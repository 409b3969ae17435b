import * as sqs from "@pulumi/aws/sqs";
import { validateResourceOfType, type Policies, type ResourceValidationPolicy } from "@pulumi/policy";

/** AWS's own keys: nobody can see or restrict who uses them, and other services cannot be granted them. */
const AWS_MANAGED = /^alias\/aws\/|:alias\/aws\//;

const queueKey: ResourceValidationPolicy = {
  name: "sqs-queue-customer-managed-key",
  description: "A queue is encrypted with a customer-managed key.",
  validateResource: validateResourceOfType(sqs.Queue, ({ kmsMasterKeyId }, { name }, report) => {
    if (isCustomerManaged(kmsMasterKeyId)) return;
    report(`Queue "${name}" ${fault(kmsMasterKeyId)}. Set kmsMasterKeyId to the ARN of an aws.kms.Key.`);
  }),
};

/** Everything at rest is encrypted with keys that the team controls, and nothing travels in plain text. */
export const encryptionPolicies: Policies = [queueKey];

function isCustomerManaged(key: string | undefined): key is string {
  return key !== undefined && key !== "" && !AWS_MANAGED.test(key);
}

function fault(key: string | undefined): string {
  return key ? `is encrypted with ${key}, a key of AWS` : "is not encrypted with a customer-managed key";
}
