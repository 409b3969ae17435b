import { setting, without, type MutationRule, type Which } from "./mutation";

const TABLE = "aws:dynamodb/table:Table";

const RECOVERY = "dynamodb-point-in-time-recovery";
const PROTECTION = "dynamodb-deletion-protection";

const isProtected: Which = ({ inputs }) => inputs["deletionProtectionEnabled"] === true;

export const tableMutations: readonly MutationRule[] = [
  without(RECOVERY, TABLE, "pointInTimeRecovery"),
  setting(RECOVERY, TABLE, "pointInTimeRecovery.enabled", [false]),
  setting(RECOVERY, TABLE, "replicas", [[{ regionName: "eu-central-1" }]]),

  without(PROTECTION, TABLE, "deletionProtectionEnabled", isProtected),
  setting(PROTECTION, TABLE, "deletionProtectionEnabled", [false], isProtected),
  setting(PROTECTION, TABLE, "replicas", [[{ regionName: "eu-central-1" }]], isProtected),
];
