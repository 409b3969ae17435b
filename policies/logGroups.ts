import * as cloudwatch from "@pulumi/aws/cloudwatch";
import { validateResourceOfType, type Policies, type ResourceValidationPolicy } from "@pulumi/policy";

/**
 * A group keeps its events for ever unless it is told otherwise; those of the class DELIVERY for two days in any case
 * (CloudWatch Logs User Guide, "Working with log groups and log streams", "Log classes").
 */
const retention: ResourceValidationPolicy = {
  name: "logs-group-retention",
  description: "A log group forgets after a time that somebody chose.",
  validateResource: validateResourceOfType(
    cloudwatch.LogGroup,
    ({ logGroupClass, retentionInDays }, { name }, report) => {
      if (logGroupClass === "DELIVERY" || Number(retentionInDays) > 0) return;
      report(
        `Log group "${name}" keeps everything for ever: what customers wrote stays readable, and costs. Set retentionInDays.`,
      );
    },
  ),
};

/** Logs are there as long as they help, and no longer. */
export const logGroupPolicies: Policies = [retention];
