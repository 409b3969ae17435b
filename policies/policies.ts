import type { Policies } from "@pulumi/policy";
import { accessPolicies } from "./access";
import { apiMethodPolicies } from "./apiMethods";
import { apiStagePolicies } from "./apiStages";
import { asynchronousFunctionPolicies } from "./asynchronousFunctions";
import { deadLetterAlarmPolicies } from "./deadLetterAlarms";
import { deadLetterPolicies } from "./deadLetters";
import { deliveryFailurePolicies } from "./deliveryFailures";
import { encryptionPolicies } from "./encryption";
import { eventSourcePolicies } from "./eventSources";
import { functionPolicies } from "./functions";
import { logGroupPolicies } from "./logGroups";
import { sourceConditionPolicies } from "./sourceConditions";
import { streamFailurePolicies } from "./streamFailures";
import { tablePolicies } from "./tables";
import { transportPolicies } from "./transport";
import { workflowPolicies } from "./workflows";

/** Every policy of the pack. */
export const policies: Policies = [
  ...deadLetterPolicies,
  ...deadLetterAlarmPolicies,
  ...streamFailurePolicies,
  ...deliveryFailurePolicies,
  ...asynchronousFunctionPolicies,
  ...encryptionPolicies,
  ...transportPolicies,
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
