import { accessMutations } from "./access";
import { apiMutations } from "./apis";
import { asynchronousFunctionMutations } from "./asynchronousFunctions";
import { deadLetterAlarmMutations } from "./deadLetterAlarms";
import { deadLetterMutations } from "./deadLetters";
import { deliveryFailureMutations } from "./deliveryFailures";
import { encryptionMutations } from "./encryption";
import { eventSourceMutations } from "./eventSources";
import { functionMutations } from "./functions";
import { logGroupMutations } from "./logGroups";
import type { MutationRule } from "./mutation";
import { streamFailureMutations } from "./streamFailures";
import { tableMutations } from "./tables";
import { transportMutations } from "./transport";
import { workflowMutations } from "./workflows";

/** Every fault that the policies claim to catch. */
export const MUTATION_RULES: readonly MutationRule[] = [
  ...deadLetterMutations,
  ...deadLetterAlarmMutations,
  ...streamFailureMutations,
  ...deliveryFailureMutations,
  ...asynchronousFunctionMutations,
  ...encryptionMutations,
  ...transportMutations,
  ...accessMutations,
  ...apiMutations,
  ...eventSourceMutations,
  ...functionMutations,
  ...workflowMutations,
  ...tableMutations,
  ...logGroupMutations,
];
