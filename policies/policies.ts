import type { Policies } from "@pulumi/policy";
import { accessPolicies } from "./access";
import { apiMethodPolicies } from "./apiMethods";
import { apiStagePolicies } from "./apiStages";
import { deadLetterPolicies } from "./deadLetters";
import { encryptionPolicies } from "./encryption";
import { eventSourcePolicies } from "./eventSources";
import { functionPolicies } from "./functions";
import { logGroupPolicies } from "./logGroups";
import { sourceConditionPolicies } from "./sourceConditions";
import { tablePolicies } from "./tables";
import { workflowPolicies } from "./workflows";

/** Every policy of the pack. */
export const policies: Policies = [
  ...deadLetterPolicies,
  ...encryptionPolicies,
  ...accessPolicies,
  ...sourceConditionPolicies,
  ...apiMethodPolicies,
  ...apiStagePolicies,
  ...eventSourcePolicies,
  ...functionPolicies,
  ...workflowPolicies,
  ...tablePolicies,
  ...logGroupPolicies,
];
