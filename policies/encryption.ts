import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as dynamodb from "@pulumi/aws/dynamodb";
import * as kms from "@pulumi/aws/kms";
import * as lambda from "@pulumi/aws/lambda";
import * as sns from "@pulumi/aws/sns";
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

const topicKey: ResourceValidationPolicy = {
  name: "sns-topic-customer-managed-key",
  description: "A topic is encrypted with a customer-managed key.",
  validateResource: validateResourceOfType(sns.Topic, ({ kmsMasterKeyId }, { name }, report) => {
    if (isCustomerManaged(kmsMasterKeyId)) return;
    report(`Topic "${name}" ${fault(kmsMasterKeyId)}. Set kmsMasterKeyId to the ARN of an aws.kms.Key.`);
  }),
};

/**
 * Encryption that is enabled without a key is with AWS's; each replica of a global table has a key of its own (DynamoDB
 * Developer Guide, "Managing encrypted tables").
 */
const tableKey: ResourceValidationPolicy = {
  name: "dynamodb-table-customer-managed-key",
  description: "A table and its replicas are encrypted with customer-managed keys.",
  validateResource: [
    validateResourceOfType(dynamodb.Table, ({ serverSideEncryption, replicas = [] }, { name }, report) => {
      const key = serverSideEncryption?.enabled ? serverSideEncryption.kmsKeyArn : undefined;
      if (!isCustomerManaged(key))
        report(
          `Table "${name}" ${fault(key)}. Set serverSideEncryption to enabled: true with the ARN of an aws.kms.Key as ` +
            "kmsKeyArn.",
        );
      for (const { regionName, kmsKeyArn } of replicas)
        if (!isCustomerManaged(kmsKeyArn))
          report(
            `The replica of table "${name}" in ${regionName} ${fault(kmsKeyArn)}. Set its kmsKeyArn to the ARN of an ` +
              "aws.kms.Key of that region.",
          );
    }),
    validateResourceOfType(dynamodb.TableReplica, ({ kmsKeyArn }, { name }, report) => {
      if (isCustomerManaged(kmsKeyArn)) return;
      report(
        `Table replica "${name}" ${fault(kmsKeyArn)}. Set kmsKeyArn to the ARN of an aws.kms.Key of its region.`,
      );
    }),
  ],
};

const logGroupKey: ResourceValidationPolicy = {
  name: "logs-group-customer-managed-key",
  description: "A log group is encrypted with a customer-managed key.",
  validateResource: validateResourceOfType(cloudwatch.LogGroup, ({ kmsKeyId }, { name }, report) => {
    if (isCustomerManaged(kmsKeyId)) return;
    report(`Log group "${name}" ${fault(kmsKeyId)}. Set kmsKeyId to the ARN of an aws.kms.Key.`);
  }),
};

/** Advisory: an environment should hold no secrets, and is always encrypted with a key of AWS at least. */
const functionEnvironmentKey: ResourceValidationPolicy = {
  name: "lambda-environment-customer-managed-key",
  description: "A function's environment is encrypted with a customer-managed key.",
  enforcementLevel: "advisory",
  validateResource: validateResourceOfType(
    lambda.Function,
    ({ environment, kmsKeyArn }, { name }, report) => {
      if (Object.keys(environment?.variables ?? {}).length === 0 || isCustomerManaged(kmsKeyArn)) return;
      report(
        `The environment of function "${name}" ${fault(kmsKeyArn)}. Set kmsKeyArn to the ARN of an aws.kms.Key.`,
      );
    },
  ),
};

/**
 * AWS KMS rotates symmetric keys whose material it made itself, of no key store of the customer's, and those alone (KMS
 * Developer Guide, "Enable automatic key rotation").
 */
const keyRotation: ResourceValidationPolicy = {
  name: "kms-key-rotation",
  description: "A key is rotated, so that what one version of it reveals is limited.",
  configSchema: {
    properties: {
      maximumRotationDays: {
        type: "integer",
        default: 365,
        description: "The longest time between rotations, in days; KMS's own default is 365.",
      },
    },
  },
  validateResource: validateResourceOfType(kms.Key, (key, args, report) => {
    if (!canRotate(key)) return;
    const { maximumRotationDays } = args.getConfig<{ readonly maximumRotationDays: number }>();
    const days = key.rotationPeriodInDays ?? 365;
    if (key.enableKeyRotation === true && days <= maximumRotationDays) return;
    report(
      `Key "${args.name}" is ${key.enableKeyRotation === true ? `rotated only every ${days} days` : "never rotated"}: ` +
        "whoever gets hold of it reads everything it ever encrypted. Set enableKeyRotation to true, and " +
        `rotationPeriodInDays to ${maximumRotationDays} or less.`,
    );
  }),
};

/** Everything at rest is encrypted with keys that the team controls. */
export const encryptionPolicies: Policies = [
  queueKey,
  topicKey,
  tableKey,
  logGroupKey,
  functionEnvironmentKey,
  keyRotation,
];

function isCustomerManaged(key: string | undefined): key is string {
  return key !== undefined && key !== "" && !AWS_MANAGED.test(key);
}

function fault(key: string | undefined): string {
  return key
    ? `is encrypted with ${key}, a key of AWS, whose use nobody can restrict`
    : "is not encrypted with a customer-managed key: the team cannot say who reads it";
}

function canRotate(key: {
  readonly customerMasterKeySpec?: string | undefined;
  readonly keyUsage?: string | undefined;
  readonly customKeyStoreId?: string | undefined;
}): boolean {
  return (
    (key.customerMasterKeySpec ?? "SYMMETRIC_DEFAULT") === "SYMMETRIC_DEFAULT" &&
    (key.keyUsage ?? "ENCRYPT_DECRYPT") === "ENCRYPT_DECRYPT" &&
    !key.customKeyStoreId
  );
}
