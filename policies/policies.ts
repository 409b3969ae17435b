import type { Policies } from "@pulumi/policy";
import { asynchronousFunctionPolicies } from "./asynchronousFunctions";
import { deadLetterAlarmPolicies } from "./deadLetterAlarms";
import { deadLetterPolicies } from "./deadLetters";
import { deliveryFailurePolicies } from "./deliveryFailures";
import { encryptionPolicies } from "./encryption";
import { streamFailurePolicies } from "./streamFailures";
import { transportPolicies } from "./transport";

/** Every policy of the pack. */
export const policies: Policies = [
  ...deadLetterPolicies,
  ...deadLetterAlarmPolicies,
  ...streamFailurePolicies,
  ...deliveryFailurePolicies,
  ...asynchronousFunctionPolicies,
  ...encryptionPolicies,
  ...transportPolicies,
];
