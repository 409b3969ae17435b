import { setting, without, type MutationRule } from "./mutation";

const GROUP = "aws:cloudwatch/logGroup:LogGroup";

export const logGroupMutations: readonly MutationRule[] = [
  without("logs-group-retention", GROUP, "retentionInDays"),
  setting("logs-group-retention", GROUP, "retentionInDays", [0]),
];
