import * as dynamodb from "@pulumi/aws/dynamodb";
import {
  validateResourceOfType,
  type Policies,
  type ResourceValidationArgs,
  type ResourceValidationPolicy,
} from "@pulumi/policy";

/** Each replica of a global table has a setting of its own (DynamoDB Developer Guide, "Point-in-time recovery"). */
const pointInTimeRecovery: ResourceValidationPolicy = {
  name: "dynamodb-point-in-time-recovery",
  description: "A table and its replicas can be restored to any second of the last days.",
  validateResource: [
    validateResourceOfType(dynamodb.Table, (table, { name }, report) => {
      if (table.pointInTimeRecovery?.enabled !== true) report(notRecoverable(`Table "${name}"`, ".enabled"));
      for (const { regionName, pointInTimeRecovery: enabled } of table.replicas ?? [])
        if (enabled !== true) report(notRecoverable(`The replica of table "${name}" in ${regionName}`));
    }),
    validateResourceOfType(dynamodb.TableReplica, (replica, { name }, report) => {
      if (replica.pointInTimeRecovery !== true) report(notRecoverable(`Table replica "${name}"`));
    }),
  ],
};

/** A stack that does not say which environment it is counts as production: forgetting a tag protects. */
const deletionProtection: ResourceValidationPolicy = {
  name: "dynamodb-deletion-protection",
  description: "A table in production cannot be deleted by accident.",
  configSchema: {
    properties: {
      tag: {
        type: "string",
        default: "environment",
        description:
          "The tag of the stack that says which environment it is (configuration key pulumi:tags).",
      },
      value: { type: "string", default: "production", description: "What the tag says of production." },
    },
  },
  validateResource: [
    validateResourceOfType(dynamodb.Table, (table, args, report) => {
      if (!isProduction(args)) return;
      if (table.deletionProtectionEnabled !== true) report(notProtected(`Table "${args.name}"`, args));
      for (const { regionName, deletionProtectionEnabled } of table.replicas ?? [])
        if (deletionProtectionEnabled !== true)
          report(notProtected(`The replica of table "${args.name}" in ${regionName}`, args));
    }),
    validateResourceOfType(dynamodb.TableReplica, (replica, args, report) => {
      if (isProduction(args) && replica.deletionProtectionEnabled !== true)
        report(notProtected(`Table replica "${args.name}"`, args));
    }),
  ],
};

/** A table survives mistakes. */
export const tablePolicies: Policies = [pointInTimeRecovery, deletionProtection];

interface Environment {
  readonly tag: string;
  readonly value: string;
}

function isProduction({ stackTags, getConfig }: ResourceValidationArgs): boolean {
  const { tag, value } = getConfig<Environment>();
  return (stackTags.get(tag) ?? value) === value;
}

function notRecoverable(what: string, field = ""): string {
  return (
    `${what} has no point-in-time recovery: what a fault overwrites or deletes is gone. Set pointInTimeRecovery${field} ` +
    "to true."
  );
}

function notProtected(what: string, { stackTags, getConfig }: ResourceValidationArgs): string {
  const { tag, value } = getConfig<Environment>();
  const remedy = stackTags.has(tag)
    ? ""
    : `, or, if this is not ${value}, say what it is with the stack's tag "${tag}"`;
  return `${what} can be deleted with all that is in it by one wrong command. Set deletionProtectionEnabled to true${remedy}.`;
}
