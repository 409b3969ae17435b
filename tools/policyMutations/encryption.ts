import { setting, without, type MutationRule } from "./mutation";

export const encryptionMutations: readonly MutationRule[] = [
  without("sqs-queue-customer-managed-key", "aws:sqs/queue:Queue", "kmsMasterKeyId"),
  setting("sqs-queue-customer-managed-key", "aws:sqs/queue:Queue", "kmsMasterKeyId", ["", "alias/aws/sqs"]),
];
