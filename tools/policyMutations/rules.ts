import { asynchronousFunctionMutations } from "./asynchronousFunctions";
import { deadLetterAlarmMutations } from "./deadLetterAlarms";
import { deadLetterMutations } from "./deadLetters";
import { deliveryFailureMutations } from "./deliveryFailures";
import { encryptionMutations } from "./encryption";
import type { MutationRule } from "./mutation";
import { streamFailureMutations } from "./streamFailures";
import { transportMutations } from "./transport";

/** Every fault that the policies claim to catch. */
export const MUTATION_RULES: readonly MutationRule[] = [
  ...deadLetterMutations,
  ...deadLetterAlarmMutations,
  ...streamFailureMutations,
  ...deliveryFailureMutations,
  ...asynchronousFunctionMutations,
  ...encryptionMutations,
  ...transportMutations,
];
