import { accessMutations } from "./access";
import { apiMutations } from "./apis";
import { deadLetterMutations } from "./deadLetters";
import { encryptionMutations } from "./encryption";
import { eventSourceMutations } from "./eventSources";
import { functionMutations } from "./functions";
import { logGroupMutations } from "./logGroups";
import type { MutationRule } from "./mutation";
import { tableMutations } from "./tables";
import { workflowMutations } from "./workflows";

/** Every fault that the policies claim to catch. */
export const MUTATION_RULES: readonly MutationRule[] = [
  ...deadLetterMutations,
  ...encryptionMutations,
  ...accessMutations,
  ...apiMutations,
  ...eventSourceMutations,
  ...functionMutations,
  ...workflowMutations,
  ...tableMutations,
  ...logGroupMutations,
];
