import { removing, type MutationRule } from "./mutation";

export const deadLetterMutations: readonly MutationRule[] = [
  removing("sqs-queue-redrive-policy", "aws:sqs/redrivePolicy:RedrivePolicy"),
];
