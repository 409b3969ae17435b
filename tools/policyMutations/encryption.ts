import { adding, setting, without, type MutationRule } from "./mutation";
import { TYPES } from "./resources";

const TABLE = "aws:dynamodb/table:Table";
const KEY = "aws:kms/key:Key";

/** Takes the key from each resource of a type, and gives it AWS's. */
function withoutKey(policy: string, type: string, path: string, service: string): MutationRule[] {
  const awsKey = `alias/aws/${service}`;
  return [
    without(policy, type, path),
    setting(policy, type, path, ["", awsKey, `arn:aws:kms:eu-west-1:123456789012:${awsKey}`]),
  ];
}

export const encryptionMutations: readonly MutationRule[] = [
  ...withoutKey("sqs-queue-customer-managed-key", TYPES.queue, "kmsMasterKeyId", "sqs"),
  ...withoutKey("sns-topic-customer-managed-key", "aws:sns/topic:Topic", "kmsMasterKeyId", "sns"),
  ...withoutKey("logs-group-customer-managed-key", "aws:cloudwatch/logGroup:LogGroup", "kmsKeyId", "logs"),
  ...withoutKey("lambda-environment-customer-managed-key", TYPES.function, "kmsKeyArn", "lambda"),

  ...withoutKey("dynamodb-table-customer-managed-key", TABLE, "serverSideEncryption.kmsKeyArn", "dynamodb"),
  without("dynamodb-table-customer-managed-key", TABLE, "serverSideEncryption"),
  setting("dynamodb-table-customer-managed-key", TABLE, "serverSideEncryption.enabled", [false]),
  setting("dynamodb-table-customer-managed-key", TABLE, "replicas", [
    [{ regionName: "eu-central-1" }],
    [{ regionName: "eu-central-1", kmsKeyArn: "alias/aws/dynamodb" }],
  ]),
  adding("dynamodb-table-customer-managed-key", "aws:dynamodb/tableReplica:TableReplica", "replica", {
    globalTableArn: "arn:aws:dynamodb:eu-central-1:123456789012:table/orders",
  }),

  without("kms-key-rotation", KEY, "enableKeyRotation"),
  setting("kms-key-rotation", KEY, "enableKeyRotation", [false]),
  setting("kms-key-rotation", KEY, "rotationPeriodInDays", [2_560]),
];
