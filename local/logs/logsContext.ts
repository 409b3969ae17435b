import type { Authorizer } from "../aws/authorizer";
import type { Caller } from "../aws/caller";
import type { Clock } from "../clock";
import type { MetricStore } from "../cloudwatch/metricStore";
import type { LogGroup, LogGroups } from "./logGroups";
import type { LogStore } from "./logStore";

/** What the actions of the service work with. */
export interface LogsContext {
  readonly clock: Clock;
  readonly groups: LogGroups;
  readonly iam: Authorizer;
  /** Takes the metrics that log lines embed. */
  readonly metrics: MetricStore;
  readonly region: string;
  readonly store: LogStore;
}

/**
 * Checks an action on a group or on one of its streams. IAM knows both as `log-group:NAME:log-stream:STREAM`, so a
 * policy grants them with `log-group:NAME:*` (Service Authorization Reference, CloudWatch Logs).
 *
 * @throws AwsError `AccessDeniedException`
 */
export function authorizeGroup(
  context: LogsContext,
  caller: Caller,
  action: string,
  group: LogGroup,
  stream = "",
): void {
  if (caller.type === "administrator") return;
  context.iam.authorize(caller, `logs:${action}`, `${group.arn}:log-stream:${stream}`);
}
