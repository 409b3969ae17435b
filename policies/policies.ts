import type { Policies } from "@pulumi/policy";
import { deadLetterPolicies } from "./deadLetters";
import { encryptionPolicies } from "./encryption";

/** Every policy of the pack. */
export const policies: Policies = [...deadLetterPolicies, ...encryptionPolicies];
